"""Colours of hair: natural ones first, grey with age, dyed seldom."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import Draws
from ..person.body import Body

COLORS = {
    "black": (0.006, 0.005, 0.005),
    "dark brown": (0.025, 0.012, 0.007),
    "brown": (0.07, 0.032, 0.016),
    "light brown": (0.17, 0.09, 0.045),
    "blonde": (0.42, 0.27, 0.13),
    "red": (0.25, 0.06, 0.02),
    "grey": (0.35, 0.34, 0.33),
    "white": (0.75, 0.74, 0.72),
    "dyed": (0.0, 0.0, 0.0),
}
"""Linear RGB."""


def color_weights(body: Body) -> dict[str, float]:
    """Natural colours by origin, grey by age."""
    fair = body.origin["caucasian"]
    weights = {
        "black": 0.32 + 0.4 * (1 - fair),
        "dark brown": 0.28,
        "brown": 0.05 + 0.2 * fair,
        "light brown": 0.02 + 0.15 * fair,
        "blonde": 0.01 + 0.12 * fair,
        "red": 0.005 + 0.03 * fair,
        "dyed": 0.012,
    }
    old = float(np.clip((body.age - 0.45) / 0.4, 0, 1))
    weights["grey"] = 0.9 * old
    weights["white"] = 0.6 * max(old - 0.4, 0)
    return weights


def hair_shading(draws: Draws, body: Body) -> dict[str, Any]:
    """What the hair's material needs."""
    name = draws.pick("color", color_weights(body))
    rng = draws.rng("tint")
    color = np.array(COLORS[name]) * rng.uniform(0.75, 1.3)
    if name == "dyed":
        color = rng.uniform(0.01, 0.6, 3)
    grey = draws.uniform("grey share", 0, 0.5) if body.age > 0.25 else 0.0
    return {
        "name": name,
        "color": color,
        "grey": grey,
        "roughness": draws.uniform("roughness", 0.2, 0.45),
        "variation": draws.uniform("variation", 0.1, 0.5),
    }
