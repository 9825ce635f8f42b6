"""The passes of a picture: denoised colour, alpha alone, and the furniture behind.

Alpha: every material emits white, the world is black, lights, lenses and lashes are hidden and
nothing bounces. Then premultiplied colour *is* alpha, and adaptive sampling spends its samples on
soft pixels only. Furniture cuts people out (a holdout) but is no part of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ..geometry.rotations import Array
from .blender import Quality, render_array
from .nodes import Graph

HIDDEN_FROM_ALPHA = ("lens", "lashes")


@contextmanager
def _alpha_settings(scene: Any) -> Iterator[None]:
    cycles, layer, world = scene.cycles, bpy.context.view_layer, scene.world
    if "alpha" not in bpy.data.materials:
        graph = Graph("alpha")
        graph.finish(graph.node("Emission"))
        black = bpy.data.worlds.new("black")
        black.use_nodes = True
        black.node_tree.nodes["Background"].inputs[1].default_value = 0
    hidden = [
        thing
        for thing in scene.objects
        if (thing.type == "LIGHT" or thing.name.startswith(HIDDEN_FROM_ALPHA))
        and not thing.hide_render
    ]
    bounces = cycles.max_bounces
    for thing in hidden:
        thing.hide_render = True
    layer.material_override = bpy.data.materials["alpha"]
    scene.world = bpy.data.worlds["black"]
    cycles.max_bounces = 0
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold, cycles.adaptive_min_samples = 0.004, 24
    try:
        yield
    finally:
        for thing in hidden:
            thing.hide_render = False
        layer.material_override = None
        scene.world = world
        cycles.max_bounces = bounces
        cycles.use_adaptive_sampling = False


def color_pass(scene: Any, quality: Quality, scratch: Path) -> Array:
    """(H, W, 4) premultiplied linear colour and this pass's own coarse alpha."""
    return render_array(scene, scratch, quality.color_samples, denoise=True)


def alpha_pass(scene: Any, quality: Quality, scratch: Path) -> Array:
    """(H, W) exact alpha."""
    with _alpha_settings(scene):
        return render_array(scene, scratch, quality.alpha_samples, denoise=False)[..., 3]


def furniture_pass(
    scene: Any, quality: Quality, scratch: Path, furniture: list[Any], people: list[Any]
) -> Array:
    """(H, W, 4) premultiplied linear colour and alpha of the furniture, people left out.

    People still throw their shadows on it, but not their hair, which is what costs time.
    """
    for thing in people:
        thing.visible_camera = False
        thing.hide_render = thing.type == "CURVES"
    for thing in furniture:
        thing.is_holdout = False
    try:
        # Its edges are straight: few samples are enough for its alpha too.
        return render_array(scene, scratch, quality.color_samples, denoise=True)
    finally:
        for thing in people:
            thing.visible_camera = True
            thing.hide_render = False
        for thing in furniture:
            thing.is_holdout = True
