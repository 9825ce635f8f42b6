"""A person who moves, with all that mattes go wrong in, and both renderers side by side."""

import functools
from typing import Any

import cv2
import numpy as np
import torch

from u2cam.core.frame import single_frame
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import EffectsSettings
from u2cam.stream.sources.demo import DemoSource

CPU = torch.device("cpu")
RATE = 30


@functools.lru_cache(maxsize=4)
def frames(size_wh: tuple[int, int], count: int = 4) -> list[np.ndarray]:
    with DemoSource(size_wh) as source:
        return [source.read().image for _ in range(count)]


def matte(number: int, size_wh: tuple[int, int] = (256, 144)) -> np.ndarray:
    """A figure with soft edges, a hole, a hole that is too large to fill, an island and noise."""
    width, height = size_wh
    alpha = np.zeros((height, width), np.float32)
    x, unit = width // 2 + 2 * number, height / 144
    cv2.ellipse(alpha, (x, height), (width // 4, height // 2), 0, 0, 360, 1, -1)
    cv2.circle(alpha, (x, round(62 * unit)), round(29 * unit), 1, -1)
    cv2.circle(alpha, (x, round(104 * unit)), round(2 * unit), 0, -1)
    cv2.circle(alpha, (x - 20, round(120 * unit)), round(12 * unit), 0, -1)
    cv2.circle(alpha, (20, 20), 3 + number % 3, 0.8, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 1.5 * unit)
    noise = np.random.default_rng(number).normal(0, 0.02, alpha.shape)
    return np.clip(alpha + noise * (alpha > 0.02), 0, 1).astype(np.float32)


def gpu_renderer(settings: EffectsSettings | None = None, **shown: Any) -> GpuRenderer:
    return GpuRenderer(CPU, Presentation(settings=settings, **shown), settings)


def render(
    renderer: GpuRenderer, image: np.ndarray, alpha: np.ndarray, time_s: float, scene: int = 0
) -> np.ndarray:
    """What the compositor does with a GPU renderer, on the CPU."""
    room = np.zeros(renderer.packet((image.shape[1], image.shape[0])).bytes, np.uint8)
    written = renderer.write(single_frame(image, time_s, scene=scene), room)
    packet = torch.from_numpy(room[: written.bytes])
    picture = renderer.compose(packet, written, torch.from_numpy(alpha))
    return picture.numpy().reshape(written.shape).copy()


def both(
    settings: EffectsSettings, background: str, view: str, size_wh: tuple[int, int], count: int = 4
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pictures of the CPU's renderer and of the GPU's, frame by frame."""
    host = CpuRenderer(Presentation(background, view, settings=settings), settings)
    gpu = gpu_renderer(settings, background=background, view=view)
    pairs = []
    for number, image in enumerate(frames(size_wh, count)):
        alpha = matte(number)
        time_s = number / RATE
        wanted = host.render(single_frame(image, time_s), alpha)
        pairs.append((wanted, render(gpu, image, alpha, time_s)))
    return pairs
