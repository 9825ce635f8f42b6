"""A drawn body: sex, age, origin, build, the face's features and its expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..assets.base_mesh import BaseMesh
from ..draws import Draws
from ..geometry.rotations import Array

FEATURES = {
    "head": (4, 0.5),
    "nose": (8, 0.45),
    "mouth": (6, 0.4),
    "chin": (4, 0.45),
    "eyes": (5, 0.4),
    "cheek": (2, 0.5),
    "ears": (4, 0.5),
    "forehead": (3, 0.5),
    "neck": (2, 0.4),
    "asym": (8, 0.35),
}
"""Folder of morph targets: how many are drawn and how strong they are."""

ORIGINS = ("african", "asian", "caucasian")

SKIN_TONES = np.array(
    [
        [0.82, 0.56, 0.44],
        [0.72, 0.46, 0.33],
        [0.58, 0.35, 0.23],
        [0.42, 0.235, 0.14],
        [0.25, 0.125, 0.068],
        [0.115, 0.055, 0.032],
    ]
)
"""Linear RGB from light to dark."""


@dataclass(frozen=True, eq=False)
class Body:
    """The morphed base mesh and what it shows."""

    vertices: Array
    """(VERTICES, 3) at rest, neutral mouth and eyes included."""
    male: bool
    child: bool
    age: float
    """0 is young, 1 is old."""
    origin: dict[str, float]
    """Weights of the three origins of the base mesh; their sum is 1."""
    skin: Array
    """(3,) linear RGB."""

    @property
    def expressions(self) -> str:
        """Folder of the expression targets that suit the origin."""
        return f"expression/units/{max(self.origin, key=lambda name: self.origin[name])}/"


def _build_weights(draws: Draws) -> tuple[dict[str, float], dict[str, float]]:
    fat = float(np.clip(draws.normal("fat", 0.1, 0.42), -0.8, 1))
    muscle = float(np.clip(draws.normal("muscle", 0, 0.35), -0.7, 0.8))
    weight = {"averageweight": 1 - abs(fat), "maxweight" if fat > 0 else "minweight": abs(fat)}
    strength = {
        "averagemuscle": 1 - abs(muscle),
        "maxmuscle" if muscle > 0 else "minmuscle": abs(muscle),
    }
    return strength, weight


def _macro(
    base: BaseMesh,
    vertices: Array,
    draws: Draws,
    sexes: dict[str, float],
    ages: dict[str, float],
    origin: dict[str, float],
) -> None:
    strengths, weights = _build_weights(draws)
    height = float(np.clip(draws.normal("height", 0, 0.3), -0.7, 0.7))
    proportions = draws.uniform("proportions", -0.6, 0.8)
    for sex, sex_share in sexes.items():
        for age, age_share in ages.items():
            for name, share in origin.items():
                base.morph(
                    vertices, f"macrodetails/{name}-{sex}-{age}", sex_share * age_share * share
                )
            for strength, strength_share in strengths.items():
                for weight, weight_share in weights.items():
                    share = sex_share * age_share * strength_share * weight_share
                    if share < 0.02:
                        continue
                    build = f"{sex}-{age}-{strength}-{weight}"
                    end = "max" if height > 0 else "min"
                    base.morph(vertices, f"macrodetails/universal-{build}", share)
                    base.morph(
                        vertices, f"macrodetails/height/{build}-{end}height", share * abs(height)
                    )
                    kind = "ideal" if proportions > 0 else "uncommon"
                    target = f"macrodetails/proportions/{build}-{kind}proportions"
                    if base.has_target(target):
                        base.morph(vertices, target, share * abs(proportions))


def _features(base: BaseMesh, vertices: Array, draws: Draws) -> None:
    for folder, (count, strength) in FEATURES.items():
        rng = draws.rng(f"features/{folder}")
        names = base.target_names(folder)
        if folder in ("head", "neck"):
            names = [name for name in names if "trans" not in name and "age" not in name]
        for name in rng.choice(names, min(count, len(names)), replace=False):
            weight = min(abs(rng.normal(0, strength * 0.6)), 0.85)
            if name[:2] in ("l-", "r-"):
                for side in "lr":
                    base.morph(vertices, f"{folder}/{side}{name[1:]}", weight)
            else:
                base.morph(vertices, f"{folder}/{name}", weight)


def _expression(base: BaseMesh, vertices: Array, draws: Draws, folder: str) -> None:
    def unit(name: str, probability: float, low: float, high: float) -> None:
        if draws.chance(name, probability):
            base.morph(vertices, folder + name, draws.uniform(name + "/weight", low, high))

    unit("mouth-corner-puller", 0.5, 0.1, 0.8)
    unit("mouth-open", 0.35, 0.05, 0.4)
    unit("mouth-part-later", 0.3, 0.1, 0.6)
    unit("mouth-pursing", 0.2, 0.1, 0.5)
    closure = 1.0 if draws.chance("eyes-shut", 0.04) else draws.uniform("closure", 0, 0.3)
    for side in ("left", "right"):
        base.morph(vertices, f"{folder}eye-{side}-closure", closure)
    if draws.chance("brows", 0.5):
        way = draws.pick("brows/way", ["up", "down", "inner-up", "extern-up"])
        for side in ("left", "right"):
            weight = draws.uniform("brows/weight", 0.1, 0.7)
            base.morph(vertices, f"{folder}eyebrows-{side}-{way}", weight)


def _skin_tone(draws: Draws, origin: dict[str, float]) -> Array:
    drawn = draws.rng("skin").beta(1.2, 1.2)
    expected = origin["african"] * 0.9 + origin["asian"] * 0.3 + origin["caucasian"] * 0.15
    position = float(np.clip(drawn * 0.55 + 0.45 * expected, 0, 0.999)) * (len(SKIN_TONES) - 1)
    low = int(position)
    tone = SKIN_TONES[low] * (1 - position + low) + SKIN_TONES[low + 1] * (position - low)
    tint = [1, draws.uniform("skin/green", 0.92, 1.06), draws.uniform("skin/blue", 0.85, 1.1)]
    return np.asarray(tone * draws.uniform("skin/light", 0.85, 1.12) * np.array(tint))


def draw_body(base: BaseMesh, draws: Draws) -> Body:
    """Draw who it is."""
    vertices = base.vertices.copy()
    male = draws.chance("male", 0.5)
    share = draws.uniform("androgyny", 0, 0.12)
    sexes = {"male": 1 - share if male else share, "female": share if male else 1 - share}
    child = draws.chance("child", 0.07)
    age = 0.0 if child else float(draws.rng("age").beta(1.1, 1.6)) * 0.95
    ages = {"child": 0.55, "young": 0.45} if child else {"young": 1 - age, "old": age}
    origin = dict(zip(ORIGINS, draws.rng("origin").dirichlet([0.35] * 3).tolist(), strict=True))
    _macro(base, vertices, draws.under("build"), sexes, ages, origin)
    _features(base, vertices, draws)
    body = Body(vertices, male, child, age, origin, _skin_tone(draws, origin))
    _expression(base, vertices, draws.under("expression"), body.expressions)
    return body
