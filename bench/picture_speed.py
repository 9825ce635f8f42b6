"""Milliseconds of every picture step at 720p and 1080p, and their ratio to a plain copy.

`python -m bench.picture_speed` prints the table of `docs/picture.md` in its form, and below it how
the blend compares with NumPy and with OpenCV. Run it on a quiet machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from bench.renderers import cpu_renderer
from u2cam.core.frame import MattedFrame, single_frame
from u2cam.effects.backgrounds.blur import blur_background
from u2cam.effects.color.composite import blend, blend_linear
from u2cam.effects.color.foreground import estimate_means, unmix
from u2cam.effects.color.light_wrap import screen_light, wrap_light
from u2cam.effects.color.steps import NARROW_PX, WIDE_PX
from u2cam.effects.grid import grid_size
from u2cam.effects.matte.guided_filter import apply_coefficients, guided_coefficients
from u2cam.effects.matte.levels import level_table
from u2cam.effects.matte.steps import REFERENCE_HEIGHT, resize_matte
from u2cam.effects.matte.temporal_filter import MatteSmoother
from u2cam.effects.motion.propagator import FlowPropagator
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.scratch import Scratch
from u2cam.effects.settings import ColorSettings, EffectsSettings, MatteSettings
from u2cam.imaging.pyramid import Pyramid, halves, shrink

REPEATS = 60

COPY = "copy of a frame (np.copyto)"

WANTED_MS = {
    "all over a colour": (0, 12),
    "refinement, guided": (1, 6),
    "foreground estimation": (1, 4),
    "background blur 3 %": (1, 5),
}
"""Bounds on the milliseconds of steps: whether at 720p (0) or 1080p (1), and how many."""


def fast_ms(work: Callable[[], object]) -> float:
    """Tenth percentile of many runs, in milliseconds, after warming up.

    Lower than the median where other programs take the cores away in between.
    """
    for _ in range(3):
        work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.percentile(times, 10))


def steps(size_wh: tuple[int, int]) -> dict[str, Callable[[], object]]:
    """Return every step as a call on a person-shaped matte and a noisy picture."""
    width, height = size_wh
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)
    image = cv2.add(image, random.integers(0, 8, image.shape, dtype=np.uint8)).astype(np.uint8)
    back = np.ascontiguousarray(image[::-1])
    alpha = np.zeros((320, 320), np.float32)
    cv2.ellipse(alpha, (160, 110), (45, 65), 0, 0, 360, 1, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (160, 330), (110, 160), 0, 0, 360, 1, -1, cv2.LINE_AA)
    # As soft as U²-Netp's edges on the clips of bench.clips: about four pixels at 720p.
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1), np.float32)
    full = np.asarray(cv2.resize(alpha, size_wh), np.float32)
    full_u8 = np.round(full * 255).astype(np.uint8)
    grid = grid_size(size_wh)
    small = shrink(image, grid)
    gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    alpha_small = np.asarray(cv2.resize(alpha, grid), np.float32)
    scale = grid[1] / REFERENCE_HEIGHT
    default = MatteSettings()
    radius, eps = max(1, round(default.refine_radius_px * scale)), default.refine_eps
    coefficients = guided_coefficients(small, alpha_small, radius, eps)
    table = level_table(default.low, default.high)
    wide, narrow = round(WIDE_PX * scale), max(1, round(NARROW_PX * scale))
    means = estimate_means(small, alpha_small, wide, narrow)
    front = image.copy()
    room = Scratch()
    smoother = MatteSmoother(default.smoothing_s)
    clock = iter(range(10**9))
    light = wrap_light(small, alpha_small, 6, 0.5)
    plain, blurred = cpu_renderer("#00b140"), cpu_renderer("blur")
    everything = cpu_renderer(
        "studio", settings=EffectsSettings(color=ColorSettings(light_wrap=0.5, match=0.5))
    )
    levels = halves(image)
    matted = MattedFrame(single_frame(image), alpha, (320, 320))
    rest = 1 - full

    def numpy_blend() -> object:
        return (image * full[..., None] + back * (1 - full[..., None])).astype(np.uint8)

    def guided() -> object:
        found = guided_coefficients(small, alpha_small, radius, eps, room)
        return cv2.blur(apply_coefficients(image, found, table), (3, 3))

    def foreground() -> object:
        np.copyto(front, image)
        reduced = np.multiply(shrink(full_u8, grid), np.float32(1 / 255), dtype=np.float32)
        unmix(image, full_u8, estimate_means(small, reduced, wide, narrow, room), front)
        return front

    def rendered(renderer: CpuRenderer) -> Callable[[], object]:
        def one() -> object:
            frame = replace(single_frame(image, next(clock) / 30), levels=levels)
            return renderer.render(frame, alpha)

        return one

    def blur(shape: Literal["gaussian", "disc"]) -> object:
        return blur_background(Pyramid(image, levels), Pyramid(full_u8), 3.0, shape)

    return {
        COPY: lambda: np.copyto(front, image),
        "blend": lambda: blend(image, back, full_u8),
        "blend, NumPy float": numpy_blend,
        "blend, cv2.blendLinear": lambda: cv2.blendLinear(image, back, full, rest),
        "blend, linear light": lambda: blend_linear(image, back, full_u8),
        "halves, made once a frame": lambda: halves(image),
        "temporal smoothing (flow)": lambda: smoother.update(alpha_small, gray, next(clock) / 30),
        "refinement, guided": guided,
        "- coefficients on the grid": lambda: guided_coefficients(
            small, alpha_small, radius, eps, room
        ),
        "- applied to the frame": lambda: apply_coefficients(image, coefficients, table),
        "refinement off, bilinear": lambda: resize_matte(alpha, size_wh),
        "foreground estimation": foreground,
        "- means on the grid": lambda: estimate_means(small, alpha_small, wide, narrow, room),
        "- applied to soft pixels": lambda: unmix(image, full_u8, means, front),
        "light wrap": lambda: screen_light(front, full_u8, light),
        "background blur 3 %": lambda: blur("gaussian"),
        "background blur 3 %, disc": lambda: blur("disc"),
        "propagation": lambda: FlowPropagator().propagate(matted, matted.frame),
        "all over a colour": rendered(plain),
        "all over blur": rendered(blurred),
        "all, wrap and match too": rendered(everything),
    }


def print_speed() -> None:
    """Measure, and print the table as Markdown."""
    columns = [
        {name: fast_ms(work) for name, work in steps(size_wh).items()}
        for size_wh in ((1280, 720), (1920, 1080))
    ]
    print("Milliseconds, tenth percentile of many runs; × is the ratio to a copy of the frame.\n")
    print("| step | 1280×720 | 1920×1080 |\n|---|---:|---:|")
    for name in columns[0]:
        cells = [f"{c[name]:.2f} (×{c[name] / c[COPY]:.1f})" for c in columns]
        print(f"| {name} | {' | '.join(cells)} |")
    print()
    for name, least in (("blend, NumPy float", 10), ("blend, cv2.blendLinear", 2)):
        ratios = " and ".join(f"{c[name] / c['blend']:.1f}" for c in columns)
        print(f"The blend is {ratios} times as fast as {name[7:]} (wanted at 1080p: {least}).")
    for name, wanted in WANTED_MS.items():
        place, most = wanted
        print(f"{name}: {columns[place][name]:.2f} ms (wanted: at most {most}).")


if __name__ == "__main__":
    print_speed()
