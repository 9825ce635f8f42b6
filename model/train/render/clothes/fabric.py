"""Colours and patterns of cloth: mostly dark, light and muted, as people dress on camera."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array

PATTERNS = {
    "plain": 0.56,
    "melange": 0.16,
    "stripes_y": 0.06,
    "stripes_x": 0.04,
    "check": 0.08,
    "blobs": 0.05,
    "dots": 0.05,
}

NEUTRALS = {
    "black": (0.012, 0.012, 0.013),
    "charcoal": (0.035, 0.036, 0.04),
    "navy": (0.012, 0.02, 0.055),
    "grey": (0.2, 0.2, 0.205),
    "pale grey": (0.42, 0.42, 0.43),
    "white": (0.78, 0.78, 0.77),
    "cream": (0.68, 0.6, 0.48),
    "beige": (0.42, 0.31, 0.2),
    "denim": (0.05, 0.09, 0.19),
    "brown": (0.09, 0.045, 0.025),
}


def cloth_color(draws: Draws) -> Array:
    """(3,) linear RGB."""
    kind = draws.pick("kind", {"neutral": 0.55, "muted": 0.31, "strong": 0.14})
    if kind == "neutral":
        color = np.array(NEUTRALS[draws.pick("neutral", list(NEUTRALS))])
        return color * draws.rng("tint").uniform(0.85, 1.15, 3)
    saturation = (0.15, 0.5) if kind == "muted" else (0.55, 0.95)
    value = (0.15, 0.75) if kind == "muted" else (0.3, 0.9)
    rgb = colorsys.hsv_to_rgb(
        draws.unit("hue"), draws.uniform("saturation", *saturation), draws.uniform("value", *value)
    )
    return np.asarray(np.array(rgb) ** 2.2)


def draw_fabric(
    draws: Draws, patterns: dict[str, float] | None = None, *, dark: float = 1.0
) -> dict[str, Any]:
    """What the cloth material needs.

    Args:
        draws: the garment's own draws.
        patterns: patterns with weights; all of them where none are given.
        dark: factor on the colour (trousers are darker than shirts).
    """
    color = cloth_color(draws) * dark
    second = draws.rng("second")
    return {
        "color": color,
        "second": np.clip(
            color * second.uniform(0.3, 2.2) + second.uniform(-0.05, 0.15, 3), 0.01, 0.9
        ),
        "third": draws.rng("third").uniform(0.02, 0.8, 3),
        "pattern": draws.pick("pattern", patterns or PATTERNS),
        "scale": draws.uniform("scale", 0.6, 5),
        "threshold": draws.uniform("threshold", 0.25, 0.75),
        "roughness": draws.uniform("roughness", 0.55, 1),
        "creases": draws.uniform("creases", 0.3, 2.5),
        "sheen": draws.uniform("sheen", 0, 0.6),
    }
