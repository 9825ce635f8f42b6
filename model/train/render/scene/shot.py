"""One item: people, furniture, light and camera put together, rendered and judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import rejection
from ..assets.base_mesh import BaseMesh
from ..clothes.outfit import dress, fold_clothes
from ..develop import LUMINANCE, Array, encode, exposure, straight_color, to_rgba
from ..draws import Draws
from ..geometry.rotations import rotation
from ..hair.hair import grow_hair
from ..items import Item
from ..person.person import Person, Request
from ..worn.head_things import wear_head_things
from ..worn.held import hold_things
from . import furniture
from .actor import Actor
from .blender import Quality, empty_scene, mesh_object
from .camera import FRAMINGS, View, draw_framing, draw_view, place_camera
from .lighting import light, photograph_light
from .materials import plain
from .passes import alpha_pass, color_pass, furniture_pass
from .visibility import check_visibility

PEOPLE = {"1": 0.8, "2": 0.15, "3": 0.05}
CLIP_PEOPLE = {"1": 0.88, "2": 0.12}


@dataclass(eq=False)
class Shot:
    """A scene that is ready to be rendered."""

    item: Item
    draws: Draws
    scene: Any
    actors: list[Actor]
    furniture: list[Any]
    view: View
    facts: dict[str, Any]


@dataclass(eq=False)
class Result:
    """What a shot became."""

    frames: list[NDArray[np.uint8]]
    furniture: NDArray[np.uint8] | None
    facts: dict[str, Any] = field(default_factory=dict)
    rejected: str | None = None


def make_person(base: BaseMesh, draws: Draws, request: Request) -> Person:
    """Draw one person, dressed and with hair."""
    person = Person(base, draws, request)
    dress(person, draws.under("clothes"))
    rim = wear_head_things(person, draws.under("head"))
    hold_things(person, draws.under("hands"))
    fold_clothes(person, draws.under("folds"))
    person.settle()
    grow_hair(person, draws.under("hair"), rim)
    return person


def _people(
    base: BaseMesh, item: Item, draws: Draws, framing: str, forced: dict[str, Any]
) -> list[Actor]:
    clip = item.kind == "clip"
    count = int(draws.pick("people", CLIP_PEOPLE if clip else PEOPLE))
    sitting = draws.chance("sitting", 0.2 if framing == "full" else 0.55)
    actors: list[Actor] = []
    for number in range(count):
        own = draws.under(f"person {number}")
        density = FRAMINGS[framing].density * (1.0 if count == 1 else 0.8)
        if clip:
            # A clip's frames are the price of its strands: Cycles sorts them anew for each.
            density *= 0.7
        request = Request(clip=clip, sitting=sitting, density=density)
        person = make_person(base, Draws(item.person_seed(number), forced=forced), request)
        wide = own.chance("turned", 0.2)
        yaw = own.uniform("yaw/wide", -1.3, 1.3) if wide else own.normal("yaw", 0, 0.3)
        place = np.zeros(3)
        if number > 0:
            side = draws.sign("side") * (1 if number == 1 else -1)
            place[0] = side * own.uniform("x", 0.5, 0.85)
            place[1] = own.uniform("depth", -0.15, 0.6)
            yaw = own.normal("yaw", -side * 0.2, 0.3)
        actor = Actor(person, own, place, yaw)
        if number > 0:
            # Heads of a group are nearer in height than their bodies are.
            lift = 0.7 * (actors[0].head(0.0)[2] - actor.head(0.0)[2])
            actor.place_m[2] += lift
            actor.move(0.0, 1e-3)
        actors.append(actor)
    return actors


def _furnish(draws: Draws, actors: list[Actor], view: View) -> tuple[list[Any], list[str]]:
    """Furniture of the first person (and chairs of the others), as holdouts."""
    things, kinds = [], []
    room_m = view.distance_m
    for number, actor in enumerate(actors):
        person, d = actor.person, draws.under(f"furniture {number}")
        pieces: list[furniture.Piece] = []
        if person.request.sitting:
            kind, pieces = furniture.chair(person, d)
            kinds.append(kind)
        at_desk = any(arm.mode == "desk" for arm in person.posture.arms)
        wanted = 0.75 if at_desk else 0.25 if person.request.sitting else 0.06
        if number == 0 and d.chance("desk", wanted):
            pieces += furniture.desk(person, d.under("desk"), distance_m=room_m)
            kinds.append("desk")
        if number == 0 and room_m > 1.1 and d.chance("front chair", 0.06):
            pieces += furniture.front_chair(person, d.under("front chair"))
            kinds.append("front chair")
        if number == 0 and d.chance("microphone", 0.05):
            pieces += furniture.microphone_stand(person, d.under("microphone"))
            kinds.append("microphone")
        for piece in pieces:
            thing = mesh_object("furniture", actor.world(piece.shape.vertices), piece.shape.faces)
            thing.data.materials.append(plain(piece.shading, d))
            thing.is_holdout = True
            things.append(thing)
    return things, kinds


def _walk(actor: Actor, draws: Draws, view: View, duration_s: float) -> None:
    """Let a person enter or leave through a side of the picture."""
    motion = actor.person.motion
    side, speed = draws.sign("walk/side"), draws.uniform("walk/speed", 0.8, 1.8)
    half_width = view.distance_m * np.tan(view.field_of_view / 2)
    border = half_width * draws.uniform("walk/border", 0.7, 1.05)
    way = -1 if motion.activity == "entering" else 1
    turn = rotation([0, 1, 0], -actor.yaw)

    def offset(time_s: float) -> Array:
        x = side * (border + way * speed * (time_s - duration_s / 2))
        bob = 0.02 * np.sin(2 * np.pi * 1.9 * time_s)
        return np.asarray(turn @ (10 * np.array([x, bob, 0.0])))

    motion.walk_dm = offset
    actor.person.poser.forget()


def build(
    base: BaseMesh, item: Item, scenes: list[Path], quality: Quality, forced: dict[str, Any]
) -> Shot:
    """Draw an item and build its scene."""
    draws = Draws(item.seed, "shot/", forced)
    scene = empty_scene(quality)
    aspect = quality.width / quality.height
    framing = draw_framing(draws, clip=item.kind == "clip")
    actors = _people(base, item, draws, framing, forced)
    heads = np.array([actor.head(0.0) for actor in actors])
    view = draw_view(draws.under("view"), framing, aspect, len(actors))
    camera = place_camera(scene, view, heads.mean(0), aspect)
    photograph = {path.name: path for path in scenes}
    name = draws.pick("scene", list(photograph))
    behind = photograph_light(photograph[name])
    lamp = light(scene, draws.under("light"), heads[0], behind)
    things, kinds = _furnish(draws, actors, view)
    bpy.context.view_layer.update()
    facts = {
        "scene": name,
        "light": lamp,
        "scene luminance": float((behind @ LUMINANCE).mean()),
        "view": dict(vars(view)),
        "furniture": kinds,
        "people": [
            {"seed": item.person_seed(k), "yaw": actor.yaw, **actor.person.tags}
            for k, actor in enumerate(actors)
        ],
    }
    shot = Shot(item, draws, scene, actors, things, view, facts)
    facts["visibility"] = [dict(vars(check_visibility(actor, camera, aspect))) for actor in actors]
    return shot


def tags_of(shot: Shot, alphas: list[Array]) -> list[str]:
    """Words by which training chooses items."""
    people = [actor.person for actor in shot.actors]
    arms = [arm.mode for person in people for arm in person.posture.arms]
    tags = [shot.view.framing]
    count = len(people)
    if count > 1:
        tags.append({2: "two people", 3: "three people"}[count])
    if any(mode not in ("down", "lap", "desk") for mode in arms):
        tags.append("hands")
    for tag, key in (
        ("held things", "held"),
        ("hat", "hat"),
        ("headphones", "headphones"),
        ("glasses", "glasses"),
        ("sitting", "sitting"),
        ("beard", "beard"),
    ):
        if any(person.tags.get(key) for person in people):
            tags.append(tag)
    tags += sorted(set(shot.facts["furniture"]) & {"desk", "front chair", "microphone"})
    sides = max(float(max(alpha[:, 0].max(), alpha[:, -1].max())) for alpha in alphas)
    if sides > 0.5:
        tags.append("border")
    return tags


def _rejected(shot: Shot) -> str | None:
    for facts in shot.facts["visibility"]:
        reason = rejection.bad_visibility(rejection.Visibility(**facts))
        if reason is not None:
            return reason
    return None


def render(shot: Shot, quality: Quality, scratch: Path) -> Result:
    """Render a still or all frames of a clip; a rejected item comes back without frames."""
    early = _rejected(shot)
    if early is not None:
        return Result([], None, shot.facts, early)
    item, d = shot.item, shot.draws
    times, blur = [0.0], 0.0
    if item.kind == "clip":
        count = d.integer("frames", 8, 16)
        step = 1 if d.chance("30 frames a second", 0.7) else 2
        shutter = float(d.pick("shutter", {"0.25": 1, "0.5": 1.5, "0.9": 1}))
        times, blur = [step * k / 30 for k in range(count)], shutter / 30
        for actor in shot.actors:
            if actor.person.motion.activity in ("entering", "leaving"):
                _walk(actor, d, shot.view, times[-1])
        shot.scene.render.use_motion_blur = True
        shot.scene.render.motion_blur_shutter = shutter
        shot.facts["clip"] = {"frames": count, "fps": 30 / step, "shutter": shutter}
    colors: list[Array] = []
    alphas: list[Array] = []
    for number, time_s in enumerate(times):
        if item.kind == "clip":
            for actor in shot.actors:
                actor.move(time_s, blur)
        shot.scene.cycles.seed = number
        color = color_pass(shot.scene, quality, scratch)
        alphas.append(alpha_pass(shot.scene, quality, scratch))
        colors.append(straight_color(color[..., :3], color[..., 3]))
        reason = rejection.bad_alpha(alphas[-1])
        if reason is not None:
            return Result([], None, shot.facts, reason)
    # One exposure for all frames, by the one that shows most of the people.
    fullest = int(np.argmax([alpha.mean() for alpha in alphas]))
    behind = shot.facts["scene luminance"]
    factor = exposure(colors[fullest], alphas[fullest], d.under("exposure"), behind)
    gains = d.rng("white balance").normal(1, 0.06, 3).clip(0.85, 1.15)
    encoded = [encode(color, factor, gains) for color in colors]
    shot.facts["coverage"] = float(np.mean([alpha.mean() for alpha in alphas]))
    shot.facts["tags"] = tags_of(shot, alphas)
    reason = rejection.bad_coverage(alphas) or rejection.bad_exposure(
        encoded[fullest], alphas[fullest]
    )
    if reason is not None:
        return Result([], None, shot.facts, reason)
    layer = None
    if shot.furniture:
        objects = [thing for actor in shot.actors for thing in actor.objects]
        drawn = furniture_pass(shot.scene, quality, scratch, shot.furniture, objects)
        straight = straight_color(drawn[..., :3], drawn[..., 3])
        layer = to_rgba(encode(straight, factor, gains), drawn[..., 3])
    frames = [to_rgba(color, alpha) for color, alpha in zip(encoded, alphas, strict=True)]
    return Result(frames, layer, shot.facts)
