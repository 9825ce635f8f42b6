"""One picture of a room without people: built, lit, rendered and exposed as a webcam would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..develop import LUMINANCE, Array, encode
from ..draws import Draws
from ..items import Item
from ..scene.blender import Quality, empty_scene, link, mesh_object, render_array, set_attribute
from ..things.figures import shadow_figure
from ..things.piece import Piece, Thing, moved
from .catalog import ENTRIES, HARD, WHOLE, Kit, lifted
from .furnish import Furnished, furnish
from .layout import Camera, Room
from .light import NIGHT, draw_kind, light_lamps, light_room
from .surfaces import surface_of


@dataclass(eq=False)
class Scenery:
    """What pictures of rooms are made with."""

    kit: Kit
    panoramas: Sequence[Path] = ()


@dataclass(eq=False)
class View:
    """A picture without people, or why there is none."""

    rgb: NDArray[np.uint8] | None
    """(H, W, 3)."""
    facts: dict[str, Any] = field(default_factory=dict)
    rejected: str | None = None


def _settings(scene: Any) -> None:
    """What interiors need beyond the settings of people: more bounces, an opaque background."""
    cycles = scene.cycles
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 1
    cycles.transmission_bounces, cycles.transparent_max_bounces = 2, 6
    cycles.sample_clamp_indirect = 3
    scene.render.film_transparent = False
    # A scene is rendered once.
    scene.render.use_persistent_data = False


def _meshes(things: Sequence[tuple[str, Thing]]) -> None:
    """Put all pieces into Blender's scene, those of one surface as one mesh."""
    groups: dict[tuple[int, bool], list[Piece]] = {}
    for _, thing in things:
        for piece in thing:
            groups.setdefault((id(piece.shading), piece.smooth), []).append(piece)
    materials: dict[int, Any] = {}
    for (key, smooth), pieces in groups.items():
        shading = pieces[0].shading
        if key not in materials:
            materials[key] = surface_of(shading)
        vertices = np.concatenate([piece.shape.vertices for piece in pieces])
        rest = np.concatenate([p.shape.vertices * 10 if p.rest is None else p.rest for p in pieces])
        faces, offset = [], 0
        for piece in pieces:
            faces += [[int(i) + offset for i in face] for face in piece.shape.faces]
            offset += len(piece.shape.vertices)
        thing = mesh_object("thing", vertices, faces, smooth=smooth)
        set_attribute(thing.data, "rest", rest)
        thing.data.materials.append(materials[key])
        if shading["kind"] in ("glow", "outside"):
            # The light that stands for it is inside.
            thing.visible_shadow = False
            thing.visible_diffuse = False


def _shadow(thing: Thing) -> None:
    shape = thing[0].shape
    body = mesh_object("shadow", shape.vertices, shape.faces)
    body.visible_camera = body.visible_diffuse = body.visible_glossy = False
    body.visible_transmission = False


def place_camera(scene: Any, camera: Camera) -> None:
    """Put Blender's camera where the webcam is."""
    data = bpy.data.cameras.new("camera")
    thing = link("camera", data)
    scene.camera = thing
    thing.location = (0.0, 0.0, camera.height_m)
    # Blender's camera looks down; it is tilted up, rolled, then turned to the right.
    turn = (
        Matrix.Rotation(-camera.yaw, 3, "Z")
        @ Matrix.Rotation(np.pi / 2 + camera.pitch, 3, "X")
        @ Matrix.Rotation(camera.roll, 3, "Z")
    )
    thing.rotation_euler = turn.to_euler()
    data.angle = camera.field_of_view
    data.clip_start = 0.05
    if camera.f_number is not None:
        data.dof.use_dof = True
        data.dof.focus_distance = camera.focus_m
        data.dof.aperture_fstop = camera.f_number


def exposed(linear: Array, draws: Draws) -> tuple[NDArray[np.uint8], float]:
    """A linear picture (H, W, 3) as an automatic exposure and white balance show it.

    Returns: (H, W, 3) uint8, and the mean of the encoded picture before rounding.
    """
    luminance = linear @ LUMINANCE
    wanted = draws.uniform("middle", 0.07, 0.3)
    factor = wanted / max(float(np.median(luminance)), 1e-3)
    top = float(np.percentile(luminance, 92))
    factor = min(factor, draws.uniform("high", 0.7, 2.5) / max(top, 1e-3))
    mean = linear.reshape(-1, 3).mean(0)
    correct = (mean.mean() / np.maximum(mean, 1e-4)) ** draws.uniform("white balance", 0.2, 0.9)
    gains = correct * draws.rng("tint").normal(1, 0.03, 3)
    encoded = encode(linear, factor, gains.clip(0.5, 2.0))
    return np.asarray(encoded * 255 + 0.5, np.uint8), float(encoded.mean())


def _in_panorama(draws: Draws, scenery: Scenery) -> tuple[Furnished, Path]:
    """One or two hard negatives before a panorama, on something that stands on the ground."""
    d = draws
    room = Room(8.0, 7.0, 7.0, 5.0, _open_camera(d.under("camera")))
    done = Furnished("panorama", room)
    options = {k: v for k, v in HARD.items() if ENTRIES[k].place in ("floor", "low")}
    for k in range(d.integer("hard", 1, 2)):
        own = d.under(f"hard {k}")
        name = own.pick("name", options)
        entry = ENTRIES[name]
        thing = entry.make(own, scenery.kit)
        far = (0.9, 3.4)
        if entry.place == "low":
            thing = lifted(own, thing, room.camera.height_m + own.uniform("lift", -0.2, 0.15))
            far = (0.6, 1.6)
        placed = room.stand(own, thing, far, 40, 0.5, 16 / 9 if name in WHOLE else None)
        if placed is not None:
            done.things.append((name, placed))
    path = scenery.panoramas[int(d.unit("panorama") * len(scenery.panoramas))]
    return done, path


def _open_camera(draws: Draws) -> Camera:
    d = draws
    return Camera(
        height_m=d.uniform("height", 1.1, 1.5),
        yaw=0.0,
        pitch=float(np.clip(d.normal("pitch", 0, 0.08), -0.12, 0.2)),
        roll=d.normal("roll", 0, 0.03),
        field_of_view=float(np.radians(d.uniform("field of view", 45, 80))),
        f_number=d.uniform("f number", 1.8, 8) if d.chance("depth of field", 0.4) else None,
        focus_m=d.uniform("focus", 0.7, 1.8),
    )


def _panorama_world(scene: Any, path: Path, turn: float) -> None:
    world = bpy.data.worlds.new("panorama")
    scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = bpy.data.images.load(str(path), check_existing=True)
    spin = tree.nodes.new("ShaderNodeVectorRotate")
    spin.rotation_type = "Z_AXIS"
    spin.inputs["Angle"].default_value = turn
    place = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(place.outputs["Generated"], spin.inputs["Vector"])
    tree.links.new(spin.outputs[0], texture.inputs[0])
    tree.links.new(texture.outputs[0], tree.nodes["Background"].inputs[0])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 256


def render_room(
    item: Item, scenery: Scenery, quality: Quality, scratch: Path, forced: dict[str, Any]
) -> View:
    """Draw and render one item of the kind `room` or `negative`."""
    draws = Draws(item.seed, f"{item.kind}/", forced)
    hard = item.kind == "negative"
    aspect = quality.width / quality.height
    scene = empty_scene(quality)
    _settings(scene)
    facts: dict[str, Any] = {}
    if hard and scenery.panoramas and draws.chance("in a panorama", 0.25):
        done, path = _in_panorama(draws.under("open"), scenery)
        _panorama_world(scene, path, draws.uniform("turn", -3.1, 3.1))
        light_lamps(done.things)
        facts.update(place="panorama", panorama=path.name)
    else:
        kind = draw_kind(draws.under("light"))
        done = furnish(
            draws.under("room"), scenery.kit, scenery.panoramas, hard=hard, night=kind in NIGHT
        )
        if draws.chance("shadow of a person", 0.22 if not hard else 0.12):
            d = draws.under("shadow")
            body = shadow_figure(scenery.kit.base, d)
            turn = d.uniform("turn", -1.5, 1.5)
            place = [d.normal("x", 0.1, 0.35), d.uniform("y", -0.35, 0.1), 0.0]
            done.shadow = moved(body, place, turn)
        light_room(draws.under("light"), kind, done)
        facts.update(place=done.kind, light=kind)
    _meshes(done.things)
    if done.shadow is not None:
        _shadow(done.shadow)
    place_camera(scene, done.room.camera)
    # Rooms have no hair: three samples for each eight that people need are enough, denoised.
    samples = max(1, quality.color_samples * 3 // 8)
    linear = render_array(scene, scratch, samples, denoise=True)[..., :3]
    rgb, mean = exposed(np.asarray(linear, float), draws.under("exposure"))
    tags = done.tags(aspect)
    if done.shadow is not None:
        tags.append("shadow")
    facts.update(view=dict(vars(done.room.camera)), tags=tags)
    if hard and not set(tags) & set(HARD):
        return View(None, facts, "negative: none of its things is in the picture")
    flatness = float(rgb.std())
    if not 0.04 < mean < 0.93 or flatness < 4:
        return View(None, facts, f"exposure: mean {mean:.2f}, deviation {flatness:.1f}")
    return View(rgb, facts)
