"""Blender as a module: an empty scene with the settings of both passes, and rendering to arrays."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..geometry.rotations import Array

FRAMES_PER_SECOND = 30


@dataclass(frozen=True)
class Quality:
    """Size and samples."""

    width: int = 512
    height: int = 288
    color_samples: int = 8
    alpha_samples: int = 200
    threads: int = 1


def to_blender(points: Array) -> Array:
    """Decimetres with y up and z to the front, to metres with z up; people face -y."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1) * 0.1


def empty_scene(quality: Quality) -> Any:
    """A fresh scene with Cycles' settings."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = quality.color_samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.max_bounces = 2
    cycles.diffuse_bounces = cycles.glossy_bounces = cycles.transmission_bounces = 1
    cycles.transparent_max_bounces = 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4
    cycles.blur_glossy = 1
    cycles.use_light_tree = False
    cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    cycles.filter_width = 1.5
    scene.cycles_curves.shape = "RIBBONS"
    scene.cycles_curves.subdivisions = 1
    render = scene.render
    render.film_transparent = True
    render.resolution_x, render.resolution_y = quality.width, quality.height
    render.resolution_percentage = 100
    render.threads_mode, render.threads = "FIXED", quality.threads
    render.fps = FRAMES_PER_SECOND
    render.use_persistent_data = True
    image = render.image_settings
    image.file_format, image.color_mode, image.color_depth = "OPEN_EXR", "RGBA", "32"
    image.exr_codec = "NONE"
    scene.view_settings.view_transform = "Standard"
    return scene


def render_array(scene: Any, scratch: Path, samples: int, *, denoise: bool) -> Array:
    """(H, W, 4) float32 premultiplied linear colour and alpha.

    Args:
        scene: Blender's scene.
        scratch: a file that is written and taken away again.
        samples: for each pixel, at most.
        denoise: run OpenImageDenoise.
    """
    scene.cycles.samples = samples
    scene.cycles.use_denoising = denoise
    scene.render.filepath = str(scratch)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(scratch))
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    os.remove(scratch)
    return pixels.reshape(height, width, 4)[::-1]


def link(name: str, data: Any) -> Any:
    """Put data (a mesh, a light, a camera) into the scene."""
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def mesh_object(name: str, vertices: Array, faces: Any, *, smooth: bool = True) -> Any:
    """A mesh in the scene; vertices (n, 3) in metres."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices.tolist(), [], [[int(i) for i in face] for face in faces])
    mesh.update()
    if smooth:
        mesh.shade_smooth()
    return link(name, mesh)


def set_attribute(data: Any, name: str, values: Array) -> None:
    """An attribute for each point: numbers (n,), vectors (n, 3) or colours (n, 4)."""
    width = 1 if values.ndim == 1 else values.shape[-1]
    kind, field = {
        1: ("FLOAT", "value"),
        3: ("FLOAT_VECTOR", "vector"),
        4: ("FLOAT_COLOR", "color"),
    }[width]
    attribute = data.attributes.get(name) or data.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, np.ascontiguousarray(values, np.float32).ravel())
