"""The material of cloth: patterns in the garment's own rest coordinates, weave and creases."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import Draws
from .nodes import Graph, rgba


def pattern(g: Graph, shading: dict[str, Any], place: Any) -> Any:
    """The colour of a pattern at `place`: the output of its last node."""
    first, second = np.asarray(shading["color"]), rgba(shading["second"])
    kind, scale = shading["pattern"], float(shading["scale"])
    if kind in ("plain", "melange"):
        plain = kind == "plain"
        noise = g.node(
            "TexNoise", Vector=place, Scale=1.5 if plain else 25.0, Detail=3.0 if plain else 6.0
        )
        dark, light = (0.85, 1.12) if plain else (0.6, 1.4)
        return g.mix(noise.outputs["Fac"], rgba(first * dark), rgba(first * light))
    if kind.startswith("stripes"):
        way = "Y" if kind.endswith("y") else "X"
        waves = g.node("TexWave", Vector=place, Scale=scale * 0.5, bands_direction=way)
        stripe = g.math("GREATER_THAN", waves.outputs["Fac"], float(shading["threshold"]))
        return g.mix(stripe, rgba(first), second)
    if kind == "check":
        bands = []
        for way in "XY":
            waves = g.node("TexWave", Vector=place, Scale=scale * 0.5, bands_direction=way)
            bands.append(g.math("GREATER_THAN", waves.outputs["Fac"], 0.6))
        both = g.math("MULTIPLY", g.math("ADD", *bands), 0.5)
        return g.mix(both, rgba(first), second)
    if kind == "dots":
        cells = g.node("TexVoronoi", Vector=place, Scale=scale * 1.5)
        return g.mix(g.math("LESS_THAN", cells.outputs["Distance"], 0.25), rgba(first), second)
    noise = g.node("TexNoise", Vector=place, Scale=scale * 0.8, Detail=1.0).outputs["Fac"]
    stops = [(0.0, first), (0.52, shading["second"]), (0.6, shading["third"])]
    return g.ramp(noise, stops, steps=True)


def cloth(shading: dict[str, Any], draws: Draws) -> Any:
    """Cloth with small creases and a weave as bumps."""
    g = Graph("cloth")
    place = g.node("Attribute", attribute_name="rest").outputs["Vector"]
    surface = g.node("BsdfPrincipled", Roughness=float(shading["roughness"]))
    g.feed(surface.inputs["Base Color"], pattern(g, shading, place))
    surface.inputs["Sheen Weight"].default_value = float(shading["sheen"]) * 0.3
    surface.inputs["Specular IOR Level"].default_value = 0.2
    crease = g.node("TexNoise", Vector=place, Scale=2.2, Detail=5.0, Distortion=0.6)
    # Creases are longer than wide: noise on squeezed coordinates, bent by coarser noise.
    squeezed = g.node("VectorMath", operation="MULTIPLY")
    g.feed(squeezed.inputs[0], place)
    squeezed.inputs[1].default_value = (2.2, 0.9, 2.2)
    folds = g.node("TexNoise", Vector=squeezed.outputs[0], Scale=1.6, Detail=3.0, Distortion=1.6)
    ridges = g.math("ABSOLUTE", g.math("SUBTRACT", folds.outputs["Fac"], 0.5))
    depth = g.math("MULTIPLY", ridges, float(shading.get("creases", 1.0)))
    weave = g.node("TexNoise", Vector=place, Scale=60.0, Detail=1.0)
    fine = g.math("MULTIPLY_ADD", weave.outputs["Fac"], 0.06, crease.outputs["Fac"])
    bump = g.node("Bump", Strength=0.6, Distance=0.005, Height=g.math("ADD", fine, depth))
    g.feed(surface.inputs["Normal"], bump.outputs[0])
    return g.finish(surface)
