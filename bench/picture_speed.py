"""Milliseconds of every picture step at 720p and 1080p, and their ratio to a plain copy."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from effects.blur import blur_background
from effects.chain import NARROW_PX, WIDE_PX, EffectsChain
from effects.composite import blend, blend_linear
from effects.foreground import estimate_means, unmix
from effects.grid import grid_size, shrink
from effects.levels import level_table
from effects.lightwrap import screen_light, wrap_light
from effects.propagator import FlowPropagator
from effects.refine import apply_coefficients, guided_coefficients
from effects.scratch import Scratch
from effects.settings import ColorSettings, EffectsSettings
from effects.temporal import MatteSmoother

REPEATS = 60


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
    scale = grid[1] / 1080
    coefficients = guided_coefficients(small, alpha_small, max(1, round(22 * scale)), 3e-4)
    table = level_table(0.07, 0.95)
    means = estimate_means(small, alpha_small, round(WIDE_PX * scale), 1)
    front = image.copy()
    room = Scratch()
    smoother = MatteSmoother("flow", 0.15)
    clock = iter(range(10**9))
    light = wrap_light(small, alpha_small, 6, 0.5)
    plain = EffectsChain(EffectsSettings(), "#00b140")
    blurred = EffectsChain(EffectsSettings(), "blur")
    everything = EffectsChain(
        EffectsSettings(color=ColorSettings(light_wrap=0.5, match=0.5)), "studio"
    )
    rest = 1 - full

    def numpy_blend() -> object:
        return (image * full[..., None] + back * (1 - full[..., None])).astype(np.uint8)

    def guided() -> object:
        found = guided_coefficients(small, alpha_small, max(1, round(22 * scale)), 3e-4, room)
        return apply_coefficients(image, found, table)

    def foreground() -> object:
        np.copyto(front, image)
        reduced = np.multiply(shrink(full_u8, grid), np.float32(1 / 255), dtype=np.float32)
        unmix(
            image,
            full_u8,
            estimate_means(
                small, reduced, round(WIDE_PX * scale), max(1, round(NARROW_PX * scale)), room
            ),
            front,
        )
        return front

    def chain(effects: EffectsChain) -> Callable[[], object]:
        return lambda: effects.render(image, alpha, next(clock) / 30)

    return {
        "copy of a frame (np.copyto)": lambda: np.copyto(front, image),
        "blend": lambda: blend(image, back, full_u8),
        "blend, NumPy float": numpy_blend,
        "blend, cv2.blendLinear": lambda: cv2.blendLinear(image, back, full, rest),
        "blend, linear light": lambda: blend_linear(image, back, full_u8),
        "shrink to grid": lambda: shrink(image, grid),
        "temporal smoothing (flow)": lambda: smoother.update(alpha_small, gray, next(clock) / 30),
        "refinement, guided": guided,
        "  coefficients on the grid": lambda: guided_coefficients(
            small, alpha_small, 4, 3e-4, room
        ),
        "  applied to the frame": lambda: apply_coefficients(image, coefficients, table),
        "foreground estimation": foreground,
        "  means on the grid": lambda: estimate_means(small, alpha_small, 15, 1, room),
        "  applied to soft pixels": lambda: unmix(image, full_u8, means, front),
        "light wrap": lambda: screen_light(front, full_u8, light),
        "background blur 3 %": lambda: blur_background(image, full_u8, 3.0),
        "background blur 3 %, disc": lambda: blur_background(image, full_u8, 3.0, "disc"),
        "propagation": lambda: FlowPropagator().propagate(alpha, image, image),
        "chain over a colour": chain(plain),
        "chain over blur": chain(blurred),
        "chain, wrap and match too": chain(everything),
    }


def print_speed() -> None:
    """Measure and print."""
    table = Table(
        title="Milliseconds (10th percentile); × is the ratio to np.copyto of the same frame"
    )
    table.add_column("step")
    sizes = ((1280, 720), (1920, 1080))
    for width, height in sizes:
        table.add_column(f"{width}×{height}", justify="right")
    columns = []
    for size_wh in sizes:
        columns.append([(name, fast_ms(work)) for name, work in steps(size_wh).items()])
    for row in zip(*columns, strict=True):
        cells = [
            f"{ms:.2f} (×{ms / column[0][1]:.1f})"
            for (_, ms), column in zip(row, columns, strict=True)
        ]
        table.add_row(row[0][0], *cells)
    Console(width=110).print(table)
