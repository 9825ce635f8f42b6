"""Measures the picture: `python -m bench.picture --data FOLDER --weights u2netp.pth`.

Builds synthetic clips with exact truth (`bench.clips`; `--set tuning` or `--set test`, see
`bench.clip_sets`), runs subsets of the effects on the network's mattes and prints, per subset:
MAD, MSE, Grad, Conn and dtSSD (definitions and scales of the Robust Video Matting paper, arXiv
2108.11515), and the colour error of the foreground on soft pixels. MAD, MSE and dtSSD are those of
every frame; Grad of every fourth and Conn of every tenth, since they take far longer. `--speed`
prints milliseconds per step at 720p and 1080p instead, as ratios to a plain copy measured in the
same run. A contact sheet is written as PNG. Mattes are kept in the cache folder, since the network
takes far longer than what is measured here; with `--keep-clips` so are the clips.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.clip_sets import COUNT, SET_NAMES, draw_specs, people_of, scenes_of
from bench.clips import Clip, ClipSpec, make_clip
from bench.matte_cache import mattes_of_frames
from bench.picture_speed import print_speed
from bench.renderers import cpu_renderer, render
from u2cam.effects.settings import ColorSettings, EffectsSettings, MatteSettings
from u2cam.model.evaluate.metrics import connectivity_error, dtssd, gradient_error, mad, mse

PLAIN = MatteSettings(refine="off", smoothing="off", min_island=0, max_hole=0, low=0.0, high=1.0)
"""Every step off: the matte resized."""

STEPS = ("levels", "islands", "smoothing", "refine")
"""In the order of the ladder; `--steps` takes any subset."""


def matte_settings(steps: tuple[str, ...]) -> MatteSettings:
    """Return the default settings of the named steps, and every other step off."""
    default = MatteSettings()
    taken: dict[str, object] = {}
    if "levels" in steps:
        taken |= {"low": default.low, "high": default.high}
    if "islands" in steps:
        taken |= {"min_island": default.min_island, "max_hole": default.max_hole}
    if "smoothing" in steps:
        taken |= {"smoothing": default.smoothing}
    if "refine" in steps:
        taken |= {"refine": default.refine}
    return MatteSettings.model_validate(PLAIN.model_dump() | taken)


@dataclass
class Scores:
    """Sums over frames; `mean` divides."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """Note one frame's value."""
        self.values.setdefault(name, []).append(value)

    def mean(self, name: str) -> float:
        """Mean over all frames."""
        return float(np.mean(self.values[name]))


METRICS = ("MAD", "MSE", "Grad", "Conn", "dtSSD")


def mattes_of(
    clip: Clip, settings: MatteSettings, network: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Run the matte's steps over a clip: (N, H, W) uint8."""
    raw = settings == PLAIN
    renderer = cpu_renderer("black", "matte", EffectsSettings(matte=settings), raw_matte=raw)
    return np.stack(
        [
            render(renderer, image, alpha, index / clip.fps)
            for index, (image, alpha) in enumerate(zip(clip.frames, network, strict=True))
        ]
    )


def score(clip: Clip, alpha_u8: NDArray[np.uint8], scores: Scores) -> None:
    """Compare mattes with the truth and note the frames' scores."""
    before: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    for index, (estimated_u8, true_u8) in enumerate(zip(alpha_u8, clip.alpha_u8, strict=True)):
        estimated = estimated_u8.astype(np.float32) / 255
        truth = true_u8.astype(np.float32) / 255
        scores.add("MAD", mad(estimated, truth))
        scores.add("MSE", mse(estimated, truth))
        if index % 4 == 2:
            scores.add("Grad", gradient_error(estimated, truth))
        if index % 10 == 5:
            scores.add("Conn", connectivity_error(estimated, truth))
        if before is not None:
            scores.add("dtSSD", dtssd(estimated, before[0], truth, before[1]))
        before = estimated, truth


def cached_clip(
    spec: ClipSpec, data: Path, count: int, size_wh: tuple[int, int], cache: Path, keep: bool
) -> Clip:
    """Make a clip, or read it where an earlier run kept it; 130 MB each at 720p."""
    path = cache / f"{spec.name}-{count}x{size_wh[1]}.npz"
    if path.exists():
        kept = np.load(path)
        return Clip(spec.name, kept["frames"], kept["alpha_u8"], kept["foreground"], 30.0)
    clip = make_clip(spec, data, count, size_wh)
    if keep:
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, frames=clip.frames, alpha_u8=clip.alpha_u8, foreground=clip.foreground)
    return clip


def colour_errors(clip: Clip, alpha_u8: NDArray[np.uint8], estimate: bool, scores: Scores) -> None:
    """Note the colour error on soft pixels of the truth, weighted by the true alpha.

    `F exact`: mean absolute error of the foreground with the exact alpha given;
    `F chain`: the same with its own alpha; `ΔE`: CIE76 of the composite over green, exact alpha.
    """
    color = ColorSettings(foreground="blur_fusion" if estimate else "off")
    settings = EffectsSettings(matte=PLAIN, color=color)
    over_green = cpu_renderer("#00b140", settings=settings, raw_matte=True)
    cut = cpu_renderer("black", "cutout", settings, raw_matte=True)
    green = np.array([0, 0xB1, 0x40], np.float32)
    for index in range(0, len(clip.frames), 4):
        image, true_u8, own_u8 = clip.frames[index], clip.alpha_u8[index], alpha_u8[index]
        truth = true_u8.astype(np.float32) / 255
        soft = (true_u8 > 0) & (true_u8 < 255)
        weight = truth[soft][:, None]
        true_front = clip.foreground[index].astype(np.float32)
        front = render(cut, image, truth)[..., :3].astype(np.float32)
        scores.add("F exact", weighted_error(front[soft], true_front[soft], weight))
        own = render(cut, image, own_u8.astype(np.float32) / 255)
        both = soft & (own_u8 > 0)
        scores.add(
            "F chain",
            weighted_error(
                own[..., :3].astype(np.float32)[both], true_front[both], truth[both][:, None]
            ),
        )
        composite = render(over_green, image, truth)
        wanted = true_front * truth[..., None] + green * (1 - truth[..., None])
        wanted_u8 = np.clip(np.round(wanted), 0, 255).astype(np.uint8)
        difference = lab(composite) - lab(wanted_u8)
        scores.add("ΔE", float(np.sqrt(np.square(difference[soft]).sum(-1)).mean()))


def weighted_error(
    a: NDArray[np.float32], b: NDArray[np.float32], weight: NDArray[np.float32]
) -> float:
    """Mean absolute difference of colours (n, 3), weighted by (n, 1), in levels of 255."""
    return float((np.abs(a - b) * weight).sum() / (3 * weight.sum()))


def lab(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE Lab of an sRGB image."""
    values = image.astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_RGB2LAB), np.float32)


def print_table(title: str, names: tuple[str, ...], rows: dict[str, Scores]) -> None:
    """Print one line per row; the first row is what the shares relate to."""
    table = Table(title=title)
    table.add_column("steps")
    for name in names:
        table.add_column(name, justify="right")
    first = next(iter(rows.values()))
    for label, scores in rows.items():
        cells = []
        for name in names:
            value, base = scores.mean(name), first.mean(name)
            share = "" if scores is first or not base else f" ({100 * (value / base - 1):+.0f} %)"
            cells.append(f"{value:.2f}{share}")
        table.add_row(label, *cells)
    Console(width=140).print(table)


def rows(steps: str | None) -> dict[str, MatteSettings]:
    """Return what the table compares: the ladder, and the full chain without one step.

    Args:
        steps: a comma list to compare with the raw matte instead.

    Raises:
        ValueError: a step that is not known.
    """
    if steps is not None:
        chosen = tuple(s for s in steps.split(",") if s)
        unknown = set(chosen) - set(STEPS)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: must be of {', '.join(STEPS)}")
        return {"raw": PLAIN, steps: matte_settings(chosen)}
    ladder = {"+ " + s: matte_settings(STEPS[: i + 1]) for i, s in enumerate(STEPS)}
    without = {
        f"all without {s}": matte_settings(tuple(t for t in STEPS if t != s)) for s in STEPS[:3]
    }
    return {"raw": PLAIN, **ladder, **without}


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="bench.picture", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--set", choices=SET_NAMES, default="test", dest="clip_set")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/portrait"))
    parser.add_argument(
        "--weights", default="../shared/weights/u2netp.pth", help="a file, or a network's name"
    )
    parser.add_argument("--cache", type=Path, default=Path("out/bench"))
    parser.add_argument("--keep-clips", action="store_true", help="in the cache: 2 GB a set")
    parser.add_argument("--frames", type=int, default=20, help="per clip")
    parser.add_argument("--clips", type=int, default=COUNT)
    parser.add_argument("--steps", help=f"comma list of {', '.join(STEPS)}; default: all rows")
    parser.add_argument("--speed", action="store_true", help="measure speed instead")
    options = parser.parse_args()
    if options.speed:
        print_speed()
        return
    try:
        runs = rows(options.steps)
        specs = draw_specs(
            options.clip_set,
            people_of(options.clip_set, options.data),
            scenes_of(options.clip_set, options.data),
            options.clips,
        )
    except ValueError as error:
        parser.error(str(error))
    full = list(runs)[-1 if options.steps else len(STEPS)]
    mattes = {label: Scores() for label in runs}
    colours = {"off": Scores(), "blur fusion": Scores()}
    tiles = []
    for spec in specs:
        clip = cached_clip(
            spec, options.data, options.frames, (1280, 720), options.cache, options.keep_clips
        )
        name = f"{clip.name}-{options.frames}x{clip.frames.shape[1]}"
        network = mattes_of_frames(options.cache, name, clip.frames, options.weights)
        for label, settings in runs.items():
            alpha_u8 = mattes_of(clip, settings, network)
            score(clip, alpha_u8, mattes[label])
            if label == full:
                for estimate, scores in zip((False, True), colours.values(), strict=True):
                    colour_errors(clip, alpha_u8, estimate, scores)
        tiles.append(sheet_row(clip, network))
        print_change(clip.name, options.frames, mattes["raw"], mattes[full])
    print_table(f"Matte at 1280×720, {options.clip_set} set (lower is better)", METRICS, mattes)
    print_table("Colour on soft pixels", ("F exact", "F chain", "ΔE"), colours)
    sheet = options.cache / f"picture-{options.clip_set}-{Path(options.weights).stem}.png"
    cv2.imwrite(str(sheet), cv2.cvtColor(np.vstack(tiles), cv2.COLOR_RGB2BGR))
    Console().print(f"contact sheet: {sheet}")


def print_change(name: str, frames: int, raw: Scores, full: Scores) -> None:
    """Print how all steps changed the last clip's scores, so that no mean hides a clip."""
    cells = []
    for metric, count in (("MAD", frames), ("dtSSD", frames - 1)):
        before, after = (np.mean(scores.values[metric][-count:]) for scores in (raw, full))
        cells.append(f"{metric} {before:.2f} to {after:.2f}")
    Console().print(f"{name}: {', '.join(cells)}")


def sheet_row(clip: Clip, network: NDArray[np.float32]) -> NDArray[np.uint8]:
    """One row of the contact sheet: frame, raw composite, full composite, truth, over white."""
    index = len(clip.frames) // 2
    pictures = [clip.frames[index]]
    plain = EffectsSettings(color=ColorSettings(foreground="off"))
    raw, full = cpu_renderer("white", settings=plain, raw_matte=True), cpu_renderer("white")
    for i in range(index + 1):
        finished = render(full, clip.frames[i], network[i], i / clip.fps)
    pictures += [render(raw, clip.frames[index], network[index]), finished]
    truth = clip.alpha_u8[index].astype(np.float32)[..., None] / 255
    exact = clip.foreground[index] * truth + 255 * (1 - truth)
    pictures.append(np.clip(exact, 0, 255).astype(np.uint8))
    small = [cv2.resize(p, (480, 270), interpolation=cv2.INTER_AREA) for p in pictures]
    return np.hstack([np.asarray(p, np.uint8) for p in small])


if __name__ == "__main__":
    main()
