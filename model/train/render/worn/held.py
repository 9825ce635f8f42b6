"""Things in hands: phones, cups, bottles, pens, microphones, books, tablets and sheets of paper.

A held thing is foreground. Fingers close around it: `close_fingers` bends them until they touch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..clothes.fabric import cloth_color
from ..draws import Draws
from ..geometry.rotations import Array
from ..geometry.shapes import Shape, box, ellipsoid, lathe, merge, tube
from ..person.part import Part
from ..person.person import Person
from ..person.posture import Arm

HELD = {
    "cup": {"cup": 0.6, "bottle": 0.2, "glass": 0.2},
    "ear": {"phone": 0.75, "nothing": 0.25},
    "front": {"phone": 0.6, "microphone": 0.1, "nothing": 0.3},
    "mouth": {"pen": 0.6, "microphone": 0.2, "nothing": 0.2},
    "point": {"pen": 0.3, "nothing": 0.7},
}
"""By the arm's mode: what the hand may hold."""

READ = {"book": 0.3, "tablet": 0.3, "paper": 0.25, "game pad": 0.15}


def bends_around(person: Person, side: str, radius: float) -> tuple[float, float, float]:
    """Angles of a finger's three joints that wrap it around a cylinder of a radius."""
    heads = [person.skeleton.head(f"finger3-{joint}.{side}") for joint in (1, 2, 3)]
    first = float(np.linalg.norm(heads[1] - heads[0]))
    second = float(np.linalg.norm(heads[2] - heads[1]))
    thick = 0.09
    around = radius + thick
    return (
        float(np.clip(1.1 * np.arctan(first / 2 / around), 0.15, 1.3)),
        float(np.clip(np.arctan(first / 2 / around) + np.arctan(second / 2 / around), 0.2, 1.5)),
        float(np.clip(2 * np.arctan(second / 2 / around), 0.15, 1.2)),
    )


def _hand_frame(person: Person, side: str) -> tuple[Array, Array]:
    """The middle of the palm's skin and columns: along the fingers, out of the palm, across."""
    fingers, palm, across = person.poser.hand_axes(side)
    wrist = person.skeleton.head(f"wrist.{side}")
    knuckle = person.skeleton.head(f"finger3-1.{side}")
    middle = wrist + 0.72 * (knuckle - wrist) + palm * 0.14
    return middle, np.stack([fingers, palm, across], 1)


def _cup(draws: Draws, radius: float) -> Shape:
    height = draws.uniform("height", 0.8, 1.1)
    wall = lathe(
        [
            (0, -height / 2),
            (radius * 0.85, -height / 2),
            (radius, height / 2),
            (radius * 0.93, height / 2),
            (radius * 0.8, -height * 0.45),
            (0, -height * 0.45),
        ]
    )
    if not draws.chance("handle", 0.6):
        return wall
    a = np.linspace(-np.pi / 2, np.pi / 2, 12)
    turn = draws.sign("handle/side")
    ring = np.stack([turn * (radius * 0.9 + 0.22 * np.cos(a)), 0 * a, 0.26 * np.sin(a)], 1)
    return merge([wall, tube(ring, 0.05, 8)])


def _thing(kind: str, draws: Draws) -> tuple[Shape, float]:
    """A shape whose third axis lies across the palm, and its radius for the grip."""
    if kind == "cup":
        radius = draws.uniform("radius", 0.33, 0.42)
        return _cup(draws, radius), radius
    if kind in ("bottle", "glass"):
        radius = draws.uniform("radius", 0.28, 0.36)
        height = 1.1 if kind == "glass" else draws.uniform("height", 1.7, 2.3)
        profile = [(0.0, -0.6), (radius, -0.6), (radius, -0.6 + 0.7 * height)]
        if kind == "bottle":
            profile += [(0.12, height * 0.9 - 0.6), (0.12, height - 0.6)]
        top = profile[-1][1]
        return lathe([*profile, (0.0, top)]), radius
    if kind == "phone":
        return ellipsoid([0, 0, 0.15], [0.36, 0.05, 0.74], None, 32, 14, 0.35), 0.3
    if kind == "microphone":
        handle = lathe([(0, -0.9), (0.11, -0.9), (0.15, 0.7), (0, 0.7)])
        return merge([handle, ellipsoid([0, 0, 0.85], [0.24, 0.24, 0.26])]), 0.15
    return tube(np.array([[0, 0, -0.5], [0, 0, 0.95]]), 0.035, 8), 0.05


def _hold(person: Person, arm: Arm, kind: str, draws: Draws) -> None:
    shape, radius = _thing(kind, draws)
    place, axes = _hand_frame(person, arm.side)
    out = 0.06 if kind == "phone" else radius
    shift = 0.3 if kind in ("pen", "phone") else 0.16
    # Microphones are held low enough that their head is before the mouth.
    low = -0.5 if kind == "microphone" and arm.mode == "mouth" else 0.0
    vertices = place + axes @ np.array([shift, out, low]) + shape.vertices @ axes.T
    weights = person.bone_weights(f"wrist.{arm.side}", "root", np.zeros(len(vertices)))
    shading = _shading(kind, draws)
    person.parts.append(Part(kind, vertices, shape.faces, "plain", shading, weights))
    arm.grip = bends_around(person, arm.side, radius)
    arm.grip_thumb = 0.35 if radius > 0.2 else 0.7
    person.tags.setdefault("held", []).append(kind)


def _shading(kind: str, draws: Draws) -> dict[str, Any]:
    color = cloth_color(draws.under("color"))
    if kind in ("phone", "microphone", "tablet", "game pad") and draws.chance("black", 0.7):
        color = np.array([0.012] * 3)
    if kind == "paper":
        color = np.array([0.75, 0.75, 0.72])
    return {"color": color, "metallic": 0.0, "roughness": draws.uniform("roughness", 0.1, 0.6)}


def _hold_with_both(person: Person, draws: Draws) -> None:
    """Something between both hands, in front of the chest."""
    kind = draws.pick("both", READ)
    if kind == "nothing":
        return
    pose = person.poser.at(0.0)
    palms = []
    for arm in person.posture.arms:
        place, axes = _hand_frame(person, arm.side)
        wrist = pose[person.base.number[f"wrist.{arm.side}"]]
        palms.append(wrist[:3, :3] @ (place + axes @ np.array([0.3, 0.12, 0])) + wrist[:3, 3])
    middle = np.mean(palms, 0)
    half = {"book": 1.05, "tablet": 1.2, "paper": 1.05, "game pad": 0.75}[kind]
    # The reader looks down on it: its upper edge leans away.
    lean = draws.uniform("lean", 0.35, 0.9)
    along = np.array([0, np.cos(lean), np.sin(lean)])
    normal = np.array([0, np.sin(lean), -np.cos(lean)])
    turn = np.stack([np.array([1.0, 0, 0]), along, normal], 1)
    height = {"book": 0.75, "tablet": 0.85, "paper": 1.45, "game pad": 0.4}[kind]
    rise = along * height * (0.55 if kind == "paper" else 0.3)
    if kind == "book":
        open_by = draws.uniform("open", 0.1, 0.45)
        pages = []
        for side in (1, -1):
            tilt = np.array(
                [
                    [np.cos(open_by), 0, -side * np.sin(open_by)],
                    [0, 1, 0],
                    [side * np.sin(open_by), 0, np.cos(open_by)],
                ]
            )
            page = box([side * half / 2, 0, 0], [half / 2, height, 0.06])
            pages.append(Shape(page.vertices @ tilt @ turn.T, page.faces))
        shape = merge(pages)
    elif kind == "game pad":
        shape = merge(
            [
                ellipsoid([0, 0, 0], [0.5, 0.3, 0.13], turn, power=0.6),
                ellipsoid(turn @ [0.55, -0.15, 0], [0.2, 0.4, 0.16], turn),
                ellipsoid(turn @ [-0.55, -0.15, 0], [0.2, 0.4, 0.16], turn),
            ]
        )
    else:
        thick = 0.006 if kind == "paper" else 0.04
        shape = box([0, 0, 0], [half, height, thick], turn)
    vertices = shape.vertices + middle + rise
    # In the pose of time 0 already: it follows the root, like hands that hold still.
    weights = person.bone_weights("root", "root", np.zeros(len(vertices)))
    person.parts.append(Part(kind, vertices, shape.faces, "plain", _shading(kind, draws), weights))
    bends = (0.5, 0.6, 0.4)
    for arm in person.posture.arms:
        arm.grip, arm.grip_thumb = bends, 0.15
    person.tags["held"] = [kind]


def hold_things(person: Person, draws: Draws) -> None:
    """Draw what the hands hold; before the person settles."""
    if person.posture.arms[0].mode == "read":
        _hold_with_both(person, draws.under("both"))
    else:
        for arm in person.posture.arms:
            own = draws.under(arm.side)
            kind = own.pick("kind", HELD.get(arm.mode, {"nothing": 1.0}))
            if kind != "nothing":
                _hold(person, arm, kind, own)
    person.poser.forget()
