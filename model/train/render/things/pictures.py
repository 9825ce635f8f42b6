"""What pictures, posters and screens show: photographs, drawn art, windows of programs, people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..draws import Draws

Pixels = NDArray[np.uint8]

HEIGHT_PX = 200


@dataclass(frozen=True)
class Pictures:
    """Where pictures come from."""

    scenes: Sequence[Path]
    """Photographs without people."""
    people: Sequence[Path] = ()
    """Pictures of people, RGBA or RGB; only what training may see."""

    def photograph(self, draws: Draws, aspect: float) -> Pixels:
        """(H, W, 3) a cut of a photograph without people, of this width by height."""
        path = {path.name: path for path in self.scenes}[
            draws.pick("photograph", [path.name for path in self.scenes])
        ]
        with Image.open(path) as image:
            image.draft("RGB", (480, 480))
            return _cut(image.convert("RGB"), draws, aspect)

    def person(self, draws: Draws, aspect: float) -> Pixels:
        """(H, W, 3) a picture of a person, cut to what is round the person."""
        if not self.people:
            return self.photograph(draws, aspect)
        path = self.people[int(draws.unit("person") * len(self.people))]
        with Image.open(path) as image:
            rgba = image.convert("RGBA")
        shown = rgba.getchannel("A").point([255 * (level > 128) for level in range(256)]).getbbox()
        left, top, right, bottom = shown or (0, 0, rgba.width, rgba.height)
        # From just above the head; how far down is drawn: a face, a bust, or all that there is.
        tall = (bottom - top) * draws.uniform("down", 0.45, 1.15)
        wide = tall * aspect
        middle = (left + right) / 2
        box = (middle - wide / 2, top - 0.1 * tall, middle + wide / 2, top + 0.95 * tall)
        size = (round(HEIGHT_PX * aspect), HEIGHT_PX)
        cut = rgba.transform(size, Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
        if draws.chance("own scene", 0.6):
            behind = Image.fromarray(self.photograph(draws.under("behind"), aspect)).resize(size)
        else:
            behind = Image.fromarray(_gradient(draws.under("behind"), aspect)).resize(size)
        behind.paste(cut, (0, 0), cut)
        if draws.chance("grey", 0.2):
            behind = behind.convert("L").convert("RGB")
        elif draws.chance("poster colours", 0.12):
            behind = behind.quantize(draws.integer("colours", 3, 8)).convert("RGB")
        return np.asarray(behind, np.uint8)

    def art(self, draws: Draws, aspect: float) -> Pixels:
        """(H, W, 3) an abstract picture, a poster with writing, or a photograph."""
        kind = draws.pick("art", {"photograph": 2.0, "shapes": 1.0, "lines": 0.6, "writing": 0.7})
        if kind == "photograph":
            return self.photograph(draws, aspect)
        base = Image.fromarray(_gradient(draws, aspect))
        pen, rng = ImageDraw.Draw(base), draws.rng("art")
        width, height = base.size

        def color() -> tuple[int, int, int]:
            r, g, b = (int(x) for x in rng.integers(10, 245, 3))
            return r, g, b

        if kind == "shapes":
            for _ in range(int(rng.integers(3, 12))):
                x, y = rng.uniform(0, width), rng.uniform(0, height)
                w, h = rng.uniform(0.05, 0.5, 2) * height
                draw = pen.ellipse if rng.random() < 0.5 else pen.rectangle
                draw((x - w / 2, y - h / 2, x + w / 2, y + h / 2), fill=color())
        elif kind == "lines":
            for _ in range(int(rng.integers(4, 30))):
                points = [(float(x * width), float(y * height)) for x, y in rng.random((3, 2))]
                pen.line(points, fill=color(), width=int(rng.integers(1, 12)), joint="curve")
        else:
            _write(pen, rng, (0.1 * width, 0.15 * height, 0.9 * width, 0.9 * height), color())
        return np.asarray(base, np.uint8)

    def screen(self, draws: Draws, aspect: float) -> Pixels:
        """(H, W, 3) what a computer shows: a photograph, or windows with writing."""
        if draws.chance("wallpaper", 0.35):
            return self.photograph(draws, aspect)
        rng = draws.rng("windows")
        dark = rng.random() < 0.5
        ground = int(rng.integers(10, 40) if dark else rng.integers(200, 250))
        width = round(HEIGHT_PX * aspect)
        base = Image.new("RGB", (width, HEIGHT_PX), (ground, ground, min(ground + 8, 255)))
        pen = ImageDraw.Draw(base)
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(0, 0.4) * width, rng.uniform(0, 0.4) * HEIGHT_PX
            w, h = rng.uniform(0.4, 0.6) * width, rng.uniform(0.4, 0.6) * HEIGHT_PX
            level = int(rng.integers(15, 60) if dark else rng.integers(225, 255))
            pen.rectangle((x, y, x + w, y + h), fill=(level, level, level))
            pen.rectangle(
                (x, y, x + w, y + 8), fill=tuple(int(v) for v in rng.integers(30, 200, 3))
            )
            ink = tuple(
                int(v) for v in (rng.integers(120, 255, 3) if dark else rng.integers(0, 120, 3))
            )
            _write(pen, rng, (x + 6, y + 14, x + w - 6, y + h - 4), ink, 5)
        return np.asarray(base, np.uint8)


def _cut(image: Image.Image, draws: Draws, aspect: float) -> Pixels:
    wide, tall = image.size
    part = draws.uniform("part", 0.55, 1.0)
    w = min(wide, tall * aspect) * part
    h = w / aspect
    x, y = draws.unit("cut/x") * (wide - w), draws.unit("cut/y") * (tall - h)
    size = (max(8, round(HEIGHT_PX * aspect)), HEIGHT_PX)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, (x, y, x + w, y + h)), np.uint8)


def _gradient(draws: Draws, aspect: float) -> Pixels:
    rng = draws.rng("gradient")
    first, second = rng.integers(10, 245, 3), rng.integers(10, 245, 3)
    if rng.random() < 0.5:
        second = np.clip(first + rng.normal(0, 25, 3), 0, 255)
    t = np.linspace(0, 1, HEIGHT_PX)[:, None, None]
    width = max(8, round(HEIGHT_PX * aspect))
    return np.asarray(
        np.broadcast_to(first * (1 - t) + second * t, (HEIGHT_PX, width, 3)), np.uint8
    )


def _write(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    within: tuple[float, float, float, float],
    ink: tuple[int, ...],
    line_px: float = 9,
) -> None:
    """Bars that look like lines of writing."""
    left, top, right, bottom = within
    y = top
    while y < bottom - line_px:
        x = left
        end = left + (right - left) * rng.uniform(0.3, 1.0)
        while x < end:
            word = rng.uniform(1, 6) * line_px * 0.7
            pen.rectangle((x, y, min(x + word, end), y + line_px * 0.5), fill=ink)
            x += word + line_px * 0.6
        y += line_px * (1 if rng.random() < 0.85 else 2.2)
