"""Light of the scene on a pasted person: colours that agree, a rim of light, a shadow.

Composites whose light never agrees teach to find the paste's edge, not the person (YouTubeMatte in
MatAnyone, arXiv 2501.14677, harmonises its composites for that). Each effect is drawn for a clip
and then changes the layers of every frame.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image

Effect = Callable[[Image, Image, Image], tuple[Image, Image]]
"""Takes the (H, W, 3) person, its (H, W) matte and the (H, W, 3) scene; returns person, scene."""

MOST_GAIN = 2.5


def agreement_table(
    person: Image, alpha: Image, scene: Image, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a (256, 3) table that moves a person's mean and variance towards a scene's.

    Reinhard et al. 2001, "Color transfer between images", in RGB and in part only: a person is not
    a scene.
    """
    inside = np.asarray(alpha > 127, np.uint8)
    mean, deviation = (np.ravel(v) for v in cv2.meanStdDev(person, mask=inside))
    scene_mean, scene_deviation = (np.ravel(v) for v in cv2.meanStdDev(scene))
    share = rng.uniform(0.2, 0.8)
    # The cast is taken over less than the brightness: skin stays skin.
    brightness = scene_mean.mean() - mean.mean()
    cast = (scene_mean - scene_mean.mean()) - (mean - mean.mean())
    wanted = mean + share * brightness + 0.5 * share * cast
    ratio = np.clip(scene_deviation.mean() / max(1.0, deviation.mean()), 1 / MOST_GAIN, MOST_GAIN)
    table = (np.arange(256)[:, None] - mean) * ratio ** (0.4 * share) + wanted
    return np.asarray(np.clip(table + 0.5, 0, 255), np.uint8)


def draw_rim(rng: np.random.Generator) -> Effect:
    """Draw a rim: the scene's light wraps round the person from one side."""
    angle = rng.uniform(0, 2 * np.pi)
    strength, reach = rng.uniform(0.1, 0.4), rng.uniform(0.01, 0.04)
    towards = np.array((np.cos(angle), np.sin(angle)))

    def light(person: Image, alpha: Image, scene: Image) -> tuple[Image, Image]:
        height, width = alpha.shape
        sigma = max(1.0, reach * height)
        shift = np.array(((1, 0, -towards[0] * sigma), (0, 1, -towards[1] * sigma)))
        shifted = cv2.warpAffine(alpha, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        wrap = cv2.GaussianBlur(cv2.subtract(alpha, shifted), (0, 0), sigma / 2)
        small = cv2.resize(scene, (16, 9), interpolation=cv2.INTER_AREA)
        glow = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        scaled = cv2.multiply(glow, cv2.merge((wrap,) * 3), scale=strength / 255)
        return np.asarray(cv2.add(person, scaled), np.uint8), scene

    return light


def draw_shadow(rng: np.random.Generator) -> Effect:
    """Draw a soft shadow of the person on what is right behind."""
    strength = rng.uniform(0.15, 0.6)
    shift_x, shift_y = rng.normal(0, 0.05), rng.uniform(-0.01, 0.06)
    softness = rng.uniform(0.008, 0.06)

    def light(person: Image, alpha: Image, scene: Image) -> tuple[Image, Image]:
        height, width = alpha.shape
        small_wh = (max(8, width // 4), max(8, height // 4))
        small = cv2.resize(alpha, small_wh, interpolation=cv2.INTER_AREA)
        shift = np.array(((1, 0, shift_x * small_wh[1]), (0, 1, shift_y * small_wh[1])))
        moved = cv2.warpAffine(small, shift, small_wh, borderMode=cv2.BORDER_REPLICATE)
        soft = cv2.GaussianBlur(moved, (0, 0), max(0.6, softness * small_wh[1]))
        kept = cv2.resize(
            np.asarray(255 - strength * soft, np.uint8),
            (width, height),
            interpolation=cv2.INTER_LINEAR,
        )
        darker = cv2.multiply(scene, cv2.merge((kept,) * 3), scale=1 / 255)
        return person, np.asarray(darker, np.uint8)

    return light
