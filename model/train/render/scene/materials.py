"""Procedural materials: skin, eyes, cloth, hair, lenses and plain things."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import Draws
from .cloth_material import cloth
from .nodes import Graph, rgba

Shading = dict[str, Any]

IRIS = {
    "brown": (0.05, 0.02, 0.008),
    "dark": (0.02, 0.009, 0.004),
    "blue": (0.09, 0.16, 0.25),
    "green": (0.1, 0.12, 0.05),
}


def skin(shading: Shading, draws: Draws) -> Any:
    """Skin with lips, redness and the shadow of hair by the attribute `marks`."""
    g = Graph("skin")
    marks = g.node("Attribute", attribute_name="marks").outputs["Color"]
    split = g.node("SeparateColor", Color=marks)
    place = g.node("TexCoord").outputs["Object"]
    coarse = g.node("TexNoise", Vector=place, Scale=9.0, Detail=4.0).outputs["Fac"]
    fine = g.node("TexNoise", Vector=place, Scale=60.0, Detail=3.0).outputs["Fac"]
    tone = np.asarray(shading["tone"])
    color = g.mix(coarse, rgba(tone * [0.86, 0.82, 0.8]), rgba(tone * [1.1, 1.12, 1.15]))
    color = g.mix(fine, color, rgba(tone * [1.0, 0.93, 0.9]))
    red = g.math("MULTIPLY", split.outputs[2], draws.uniform("red", 0.15, 0.5))
    color = g.mix(red, color, rgba(np.clip(tone * [1.1, 0.62, 0.58], 0, 1)))
    lips = np.clip(tone * [0.95, 0.5, 0.5], 0, 1)
    if draws.chance("lipstick", shading.get("lipstick", 0.0)):
        lips = np.clip(tone * draws.rng("lips").uniform([0.7, 0.1, 0.1], [1.1, 0.5, 0.6]), 0, 1)
    color = g.mix(split.outputs[0], color, rgba(lips))
    shadow = np.clip(np.asarray(shading["hair"]) * 0.8 + tone * 0.04, 0, 1)
    color = g.mix(split.outputs[1], color, rgba(shadow))
    surface = g.node("BsdfPrincipled", Roughness=draws.uniform("roughness", 0.38, 0.62))
    g.feed(surface.inputs["Base Color"], color)
    surface.inputs["Specular IOR Level"].default_value = draws.uniform("gloss", 0.25, 0.5)
    pores = g.node("TexNoise", Vector=place, Scale=400.0, Detail=2.0).outputs["Fac"]
    bump = g.node("Bump", Strength=0.12, Distance=0.001, Height=pores)
    g.feed(surface.inputs["Normal"], bump.outputs[0])
    return g.finish(surface)


def plain(shading: Shading, draws: Draws) -> Any:
    """One colour."""
    g = Graph("plain")
    surface = g.node(
        "BsdfPrincipled",
        Roughness=float(shading["roughness"]),
        Metallic=float(shading.get("metallic", 0.0)),
    )
    surface.inputs["Base Color"].default_value = rgba(shading["color"])
    return g.finish(surface)


def lens(shading: Shading, draws: Draws) -> Any:
    """Glass of spectacles: it mirrors at grazing angles."""
    g = Graph("lens")
    clear = g.node("BsdfTransparent")
    clear.inputs[0].default_value = rgba(shading["tint"])
    mix = g.node("MixShader")
    g.feed(mix.inputs[0], g.node("Fresnel", IOR=1.35).outputs[0])
    g.feed(mix.inputs[1], clear.outputs[0])
    g.feed(mix.inputs[2], g.node("BsdfGlossy", Roughness=0.02).outputs[0])
    return g.finish(mix)


def lash(shading: Shading, draws: Draws) -> Any:
    """Lashes, half transparent."""
    g = Graph("lash")
    dark = g.node("BsdfDiffuse")
    dark.inputs[0].default_value = (0.01, 0.008, 0.006, 1)
    mix = g.node("MixShader")
    mix.inputs[0].default_value = 0.55
    g.feed(mix.inputs[1], g.node("BsdfTransparent").outputs[0])
    g.feed(mix.inputs[2], dark.outputs[0])
    return g.finish(mix)


def eye(shading: Shading, draws: Draws) -> Any:
    """Pupil, iris and white by the attribute `angle` from the gaze."""
    g = Graph("eye")
    iris = np.array(IRIS[shading["iris"]])
    angle = g.node("Attribute", attribute_name="angle").outputs["Fac"]
    stops = [
        (0.16, [0.002] * 3),
        (0.19, iris * 1.3),
        (0.38, iris),
        (0.43, iris * 0.3),
        (0.47, [0.72, 0.66, 0.62]),
        (0.9, [0.75, 0.6, 0.55]),
    ]
    surface = g.node("BsdfPrincipled", Roughness=0.08)
    g.feed(surface.inputs["Base Color"], g.ramp(angle, stops))
    return g.finish(surface)


def hair(shading: Shading, draws: Draws) -> Any:
    """Strands that differ in lightness, some of them grey."""
    g = Graph("hair")
    random = g.node("HairInfo").outputs["Random"]
    base, spread = np.asarray(shading["color"]), shading["variation"]
    light = np.clip(base * (1 + spread) + 0.01 * spread, 0, 1)
    color = g.mix(random, rgba(base * (1 - spread)), rgba(light))
    if shading["grey"] > 0:
        noise = g.node("TexWhiteNoise", noise_dimensions="1D", W=random).outputs["Value"]
        grey = g.math("LESS_THAN", noise, float(shading["grey"]))
        color = g.mix(grey, color, (0.5, 0.49, 0.47, 1.0))
    surface = g.node("BsdfHairPrincipled", model="CHIANG", parametrization="COLOR")
    surface.inputs["Roughness"].default_value = float(shading["roughness"])
    surface.inputs["Radial Roughness"].default_value = 0.4
    g.feed(surface.inputs["Color"], color)
    return g.finish(surface)


def fuzz(shading: Shading, draws: Draws) -> Any:
    """Wool of a pompom."""
    g = Graph("fuzz")
    surface = g.node("BsdfDiffuse")
    surface.inputs[0].default_value = rgba(shading["color"])
    return g.finish(surface)


def teeth(shading: Shading, draws: Draws) -> Any:
    """Teeth."""
    return plain({"color": (0.7, 0.66, 0.58), "roughness": 0.25}, draws)


def tongue(shading: Shading, draws: Draws) -> Any:
    """The tongue."""
    return plain({"color": (0.45, 0.12, 0.11), "roughness": 0.4}, draws)


MATERIALS = {
    "skin": skin,
    "cloth": cloth,
    "plain": plain,
    "lens": lens,
    "lash": lash,
    "eye": eye,
    "hair": hair,
    "fuzz": fuzz,
    "teeth": teeth,
    "tongue": tongue,
}
