"""Procedural surfaces of rooms and things; patterns lie in the attribute `rest` (decimetres)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np

from ..draws import Draws
from ..scene.cloth_material import cloth, pattern
from ..scene.nodes import Graph, rgba
from ..things.pictures import Pixels
from ..things.piece import Shading


def _rest(g: Graph) -> Any:
    return g.node("Attribute", attribute_name="rest").outputs["Vector"]


def _principled(g: Graph, shading: Shading, color: Any) -> Any:
    surface = g.node(
        "BsdfPrincipled",
        Roughness=float(shading.get("roughness", 0.7)),
        Metallic=float(shading.get("metallic", 0.0)),
    )
    g.feed(surface.inputs["Base Color"], color)
    return surface


def _bump(g: Graph, surface: Any, height: Any, strength: float, distance: float = 0.01) -> None:
    bump = g.node("Bump", Strength=strength, Distance=distance, Height=height)
    g.feed(surface.inputs["Normal"], bump.outputs[0])


def _noisy(
    g: Graph, place: Any, scale: float, color: Any, spread: float, detail: float = 4.0
) -> Any:
    base = np.asarray(color)
    noise = g.node("TexNoise", Vector=place, Scale=scale, Detail=detail).outputs["Fac"]
    return g.mix(noise, rgba(base * (1 - spread)), rgba(np.clip(base * (1 + spread), 0, 1)))


def plain(shading: Shading) -> Any:
    """One colour, slightly uneven."""
    g = Graph("plain")
    return g.finish(_principled(g, shading, rgba(shading["color"])))


def paint(shading: Shading) -> Any:
    """Painted plaster."""
    g = Graph("paint")
    place = _rest(g)
    surface = _principled(g, shading, _noisy(g, place, 0.12, shading["color"], 0.06))
    _bump(g, surface, g.node("TexNoise", Vector=place, Scale=9.0, Detail=2.0).outputs["Fac"], 0.1)
    return g.finish(surface)


def wood(shading: Shading) -> Any:
    """Wood whose grain runs along the thing's longest side, about."""
    g = Graph("wood")
    stretched = g.node("VectorMath", operation="MULTIPLY")
    g.feed(stretched.inputs[0], _rest(g))
    stretched.inputs[1].default_value = (0.35, 3.0, 3.0)
    base = np.asarray(shading["color"])
    noise = g.node("TexNoise", Vector=stretched.outputs[0], Scale=1.6, Detail=4.0, Distortion=0.8)
    color = g.mix(noise.outputs["Fac"], rgba(base * 0.55), rgba(np.clip(base * 1.35, 0, 1)))
    return g.finish(_principled(g, shading, color))


def tiles(shading: Shading) -> Any:
    """Bricks, tiles, planks, panels: rectangles in rows with joints between them."""
    g = Graph("tiles")
    wide, high = (10 * float(x) for x in shading["size_m"])
    first, second = np.asarray(shading["color"]), np.asarray(shading["second"])
    brick = g.node(
        "TexBrick",
        Vector=_rest(g),
        Scale=1.0,
        Color1=rgba(first),
        Color2=rgba(second),
        Mortar=rgba(shading["mortar"]),
        Mortar_Size=0.035 if shading["kind"] == "tiles" else 0.01,
        Brick_Width=wide,
        Row_Height=high,
        offset=float(shading.get("offset", 0.0)),
    )
    color = brick.outputs["Color"]
    if shading["kind"] == "planks":
        stretched = g.node("VectorMath", operation="MULTIPLY")
        g.feed(stretched.inputs[0], _rest(g))
        along = (0.3, 4.0, 1.0) if wide > high else (4.0, 0.3, 1.0)
        stretched.inputs[1].default_value = along
        grain = g.node("TexNoise", Vector=stretched.outputs[0], Scale=1.2, Detail=3.0)
        color = g.mix(g.math("MULTIPLY", grain.outputs["Fac"], 0.5), color, rgba(first * 0.4))
    surface = _principled(g, shading, color)
    if shading.get("bump"):
        height = g.math("SUBTRACT", 1.0, brick.outputs["Fac"])
        _bump(g, surface, height, float(shading["bump"]), 0.006)
    return g.finish(surface)


def wallpaper(shading: Shading) -> Any:
    """A pattern that cloth has too, on a wall."""
    g = Graph("wallpaper")
    return g.finish(_principled(g, {"roughness": 0.8}, pattern(g, shading, _rest(g))))


def stone(shading: Shading) -> Any:
    """Concrete, plaster, sandstone: stains and grains."""
    g = Graph("stone")
    place = _rest(g)
    scale = float(shading.get("scale", 1.0))
    color = _noisy(g, place, scale, shading["color"], 0.35, 6.0)
    surface = _principled(g, shading, color)
    grain = g.node("TexNoise", Vector=place, Scale=scale * 20, Detail=3.0).outputs["Fac"]
    _bump(g, surface, grain, 0.25)
    return g.finish(surface)


def marble(shading: Shading) -> Any:
    """Veins in stone."""
    g = Graph("marble")
    noise = g.node("TexNoise", Vector=_rest(g), Scale=0.7, Detail=6.0, Distortion=1.5)
    vein = g.math("ABSOLUTE", g.math("SUBTRACT", noise.outputs["Fac"], 0.5))
    share = g.math("MULTIPLY", vein, 6.0)
    share.node.use_clamp = True
    color = g.mix(share, rgba(shading["second"]), rgba(shading["color"]))
    return g.finish(_principled(g, shading, color))


def bronze(shading: Shading) -> Any:
    """Metal with patina in places."""
    g = Graph("bronze")
    noise = g.node("TexNoise", Vector=_rest(g), Scale=1.5, Detail=5.0).outputs["Fac"]
    stops = [(0.45, shading["color"]), (0.62, shading["second"])]
    surface = _principled(g, {"roughness": shading.get("roughness", 0.4)}, g.ramp(noise, stops))
    g.feed(surface.inputs["Metallic"], 0.8)
    return g.finish(surface)


def carpet(shading: Shading) -> Any:
    """A carpet."""
    g = Graph("carpet")
    color = _noisy(g, _rest(g), 9.0, shading["color"], 0.5, 6.0)
    return g.finish(_principled(g, {"roughness": 1.0}, color))


def fur(shading: Shading) -> Any:
    """Short fur with spots."""
    g = Graph("fur")
    place = _rest(g)
    spots = g.node("TexNoise", Vector=place, Scale=0.8, Detail=1.0).outputs["Fac"]
    stops = [(0.48, shading["color"]), (0.56, shading["second"])]
    fine = g.node("TexNoise", Vector=place, Scale=14.0, Detail=4.0).outputs["Fac"]
    color = g.mix(g.math("MULTIPLY", fine, 0.6), g.ramp(spots, stops), rgba([0.01, 0.01, 0.01]))
    surface = _principled(g, {"roughness": 1.0}, color)
    _bump(g, surface, fine, 0.9, 0.02)
    return g.finish(surface)


def spots(shading: Shading) -> Any:
    """Patches of two colours, as on footballs and globes."""
    g = Graph("spots")
    noise = g.node("TexVoronoi", Vector=_rest(g), Scale=float(shading["scale"]) * 0.12)
    share = g.math(
        "GREATER_THAN", g.node("SeparateColor", Color=noise.outputs["Color"]).outputs[0], 0.65
    )
    color = g.mix(share, rgba(shading["color"]), rgba(shading["second"]))
    return g.finish(_principled(g, {"roughness": 0.4}, color))


def peel(shading: Shading) -> Any:
    """The skin of fruit."""
    g = Graph("peel")
    place = _rest(g)
    surface = _principled(g, shading, _noisy(g, place, 4.0, shading["color"], 0.3))
    fine = g.node("TexNoise", Vector=place, Scale=60.0).outputs["Fac"]
    _bump(g, surface, fine, 0.15, 0.002)
    return g.finish(surface)


def leaf(shading: Shading) -> Any:
    """Leaves that let some light through."""
    g = Graph("leaf")
    color = _noisy(g, _rest(g), 1.2, shading["color"], 0.45)
    surface = _principled(g, {"roughness": 0.45}, color)
    through = g.node("BsdfTranslucent")
    through.inputs[0].default_value = rgba(np.asarray(shading["color"]) * [1.4, 1.5, 0.8])
    mix = g.node("MixShader")
    mix.inputs[0].default_value = 0.25
    g.feed(mix.inputs[1], surface.outputs[0])
    g.feed(mix.inputs[2], through.outputs[0])
    return g.finish(mix)


def sheer(shading: Shading) -> Any:
    """A net curtain."""
    g = Graph("sheer")
    mix = g.node("MixShader")
    mix.inputs[0].default_value = 0.55
    through = g.node("BsdfTranslucent")
    through.inputs[0].default_value = rgba(shading["color"])
    g.feed(mix.inputs[1], g.node("BsdfTransparent").outputs[0])
    g.feed(mix.inputs[2], through.outputs[0])
    return g.finish(mix)


def blind(shading: Shading) -> Any:
    """A roller blind that daylight shines through."""
    g = Graph("blind")
    surface = _principled(g, {"roughness": 0.9}, rgba(shading["color"]))
    surface.inputs["Emission Color"].default_value = rgba(shading["color"])
    surface.inputs["Emission Strength"].default_value = float(shading["strength"])
    material = g.finish(surface)
    material.cycles.emission_sampling = "NONE"
    return material


def glow(shading: Shading) -> Any:
    """Something that shines; lamps light the room by lights of their own (`light.py`)."""
    g = Graph("glow")
    shine = g.node("Emission", Color=rgba(shading["color"]), Strength=float(shading["strength"]))
    material = g.finish(shine)
    material.cycles.emission_sampling = "NONE"
    return material


def image_of(pixels: Pixels) -> Any:
    """Blender's image of (H, W, 3) sRGB pixels, the first row on top."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new("picture", width, height)
    opaque = np.ones((height, width, 4), np.float32)
    opaque[..., :3] = pixels[::-1] / np.float32(255)
    image.pixels.foreach_set(opaque.ravel())
    image.pack()
    return image


def picture(shading: Shading) -> Any:
    """A picture; with a strength it shines as a screen does."""
    g = Graph("picture")
    texture = g.node("TexImage", Vector=_rest(g))
    texture.image, texture.extension = image_of(shading["image"]), "EXTEND"
    surface = _principled(g, shading, texture.outputs["Color"])
    if shading["strength"] > 0:
        g.feed(surface.inputs["Base Color"], rgba([0.01] * 3))
        g.feed(surface.inputs["Emission Color"], texture.outputs["Color"])
        surface.inputs["Emission Strength"].default_value = float(shading["strength"])
    material = g.finish(surface)
    material.cycles.emission_sampling = "NONE"
    return material


def outside(shading: Shading) -> Any:
    """What is seen through a window: a photograph, or a panorama in the ray's direction."""
    g = Graph("outside")
    if "panorama" in shading:
        back = g.node("NewGeometry").outputs["Incoming"]
        turn = g.node("VectorRotate", rotation_type="Z_AXIS", Angle=float(shading["turn"]))
        flip = g.node("VectorMath", operation="MULTIPLY")
        g.feed(flip.inputs[0], back)
        flip.inputs[1].default_value = (-1, -1, -1)
        g.feed(turn.inputs["Vector"], flip.outputs[0])
        texture = g.node("TexEnvironment", Vector=turn.outputs[0])
        texture.image = bpy.data.images.load(str(shading["panorama"]), check_existing=True)
    else:
        texture = g.node("TexImage", Vector=_rest(g))
        texture.image, texture.extension = image_of(shading["image"]), "EXTEND"
    shine = g.node("Emission", Strength=float(shading["strength"]))
    g.feed(shine.inputs[0], texture.outputs["Color"])
    material = g.finish(shine)
    material.cycles.emission_sampling = "NONE"
    return material


SURFACES: dict[str, Callable[[Shading], Any]] = {
    "plain": plain,
    "paint": paint,
    "wood": wood,
    "tiles": tiles,
    "planks": tiles,
    "wallpaper": wallpaper,
    "stone": stone,
    "marble": marble,
    "bronze": bronze,
    "carpet": carpet,
    "fur": fur,
    "spots": spots,
    "peel": peel,
    "leaf": leaf,
    "sheer": sheer,
    "blind": blind,
    "glow": glow,
    "picture": picture,
    "outside": outside,
}


def surface_of(shading: Shading) -> Any:
    """Blender's material of a shading."""
    if shading["kind"] == "cloth":
        return cloth(shading, Draws(0))
    return SURFACES[shading["kind"]](shading)
