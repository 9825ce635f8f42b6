"""Chairs behind people, desks and other things in front of them: background that hides people.

Everything is in the person's own decimetres (y up, z to the front) in the pose of time 0. Worn and
held things are foreground; what stands, hangs or is sat upon is background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..clothes.fabric import cloth_color
from ..draws import Draws
from ..geometry.rotations import Array, X, rotation
from ..geometry.shapes import Shape, box, ellipsoid, lathe, merge, tube
from ..person.person import Person

CHAIRS = {
    "office": 0.34,
    "office with headrest": 0.2,
    "gaming": 0.14,
    "dining": 0.1,
    "armchair": 0.1,
    "sofa": 0.12,
}

WOODS = ((0.35, 0.2, 0.1), (0.16, 0.08, 0.04), (0.55, 0.42, 0.28), (0.05, 0.03, 0.02))


@dataclass(frozen=True, eq=False)
class Piece:
    """One mesh of furniture."""

    name: str
    shape: Shape
    shading: dict[str, Any]


@dataclass(frozen=True)
class Seat:
    """Where a sitting person's body is."""

    hip_y: float
    back_z: float
    shoulder_y: float
    head_y: float
    head_back_z: float
    front_z: float


def seat_of(person: Person) -> Seat:
    """Measure a settled person."""
    body, marks = person.posed_body, person.marks
    hip = person.skeleton.head("upperleg01.L")
    trunk = body[
        (body[:, 1] > hip[1] + 0.8)
        & (body[:, 1] < marks.neck[1] - 0.8)
        & (np.abs(body[:, 0]) < 1.3)
    ]
    head = body[body[:, 1] > marks.eye_y - 0.3]
    return Seat(
        hip_y=float(hip[1]),
        back_z=float(np.percentile(trunk[:, 2], 3)),
        shoulder_y=float(marks.neck[1] - 0.9),
        head_y=float(person.head_at(0.0)[1]),
        head_back_z=float(head[:, 2].min()),
        front_z=float(np.percentile(trunk[:, 2], 98)),
    )


def _surface(draws: Draws) -> dict[str, Any]:
    color = cloth_color(draws)
    if draws.chance("dark", 0.45):
        color = np.array([0.015, 0.015, 0.017])
    return {"color": color, "roughness": draws.uniform("roughness", 0.3, 0.9), "metallic": 0.0}


def _wood(draws: Draws) -> dict[str, Any]:
    names = [str(k) for k in range(len(WOODS))] + ["white", "black"]
    name = draws.pick("wood", names)
    color = {"white": (0.75, 0.74, 0.72), "black": (0.015, 0.015, 0.015)}.get(name)
    return {
        "color": np.array(color or WOODS[int(name)]) * draws.uniform("light", 0.8, 1.2),
        "roughness": draws.uniform("gloss", 0.25, 0.7),
        "metallic": 0.0,
    }


def _slab(low: float, high: float, half: float, z: float, thick: float, tilt: float) -> Shape:
    """A rounded, slightly tilted back between two heights."""
    turn = rotation(X, -tilt)
    shape = ellipsoid(
        np.zeros(3), [half, (high - low) / 2, thick], None, around=32, along=24, power=0.35
    )
    vertices = shape.vertices.copy()
    # Backs are curved round the sitter.
    vertices[:, 2] += 0.18 * (vertices[:, 0] / half) ** 2
    middle = np.array([0, (low + high) / 2, z - thick])
    return Shape(vertices @ turn.T + middle, shape.faces)


def _arm_rests(seat: Seat, shading: dict[str, Any], half: float, draws: Draws) -> list[Piece]:
    y = seat.hip_y + draws.uniform("arm rests/height", 1.2, 1.9)
    pieces = []
    for side in (1, -1):
        top = box([side * half, y, seat.back_z + 1.9], [0.35, 0.12, 1.3])
        post = box([side * half, y - 0.9, seat.back_z + 1.9], [0.12, 0.9, 0.3])
        pieces.append(Piece("arm rest", merge([top, post]), shading))
    return pieces


def chair(person: Person, draws: Draws) -> tuple[str, list[Piece]]:
    """What a person sits on."""
    kind = draws.pick("chair", CHAIRS)
    d = draws.under(kind)
    seat = seat_of(person)
    shading, other = _surface(d.under("surface")), _surface(d.under("other"))
    z = seat.back_z - d.uniform("gap", 0.0, 0.5)
    low, tilt = seat.hip_y - 0.6, d.uniform("tilt", 0.05, 0.2)
    half = d.uniform("half", 2.1, 2.7)
    pieces: list[Piece] = []
    if kind.startswith("office"):
        high = seat.shoulder_y + d.uniform("high", -1.2, 0.9)
        pieces.append(Piece("back", _slab(low, high, half, z, 0.3, tilt), shading))
        if kind.endswith("headrest"):
            y = seat.head_y - d.uniform("headrest/y", 0.2, 1.3)
            wide = d.uniform("headrest/half", 1.1, 1.8)
            tall = d.uniform("headrest/height", 0.45, 0.8)
            back = min(seat.head_back_z, z) - 0.25
            rest = ellipsoid([0, y, back], [wide, tall, 0.3], power=0.45)
            post = box([0, (y + high) / 2, back - 0.15], [0.35, abs(y - high) / 2 + 0.3, 0.1])
            pieces += [Piece("headrest", rest, shading), Piece("post", post, other)]
        if d.chance("arm rests", 0.6):
            pieces += _arm_rests(seat, other, half + 0.4, d)
    elif kind == "gaming":
        high = seat.head_y + d.uniform("high", 0.8, 1.9)
        back = min(z, seat.head_back_z - 0.1)
        pieces.append(Piece("back", _slab(low, high, half, back, 0.4, 0.02), shading))
        for side in (1, -1):
            y = (low + seat.shoulder_y) / 2
            wing = ellipsoid([side * half, y, back + 0.25], [0.45, 2.0, 0.8], power=0.6)
            ear = ellipsoid(
                [side * (half * 0.8), seat.shoulder_y + 0.7, back + 0.15],
                [0.5, 1.0, 0.6],
                power=0.6,
            )
            pieces += [Piece("wing", wing, other), Piece("wing", ear, other)]
        pillow = ellipsoid([0, seat.head_y - 0.9, back + 0.1], [1.2, 0.55, 0.4], power=0.6)
        pieces.append(Piece("pillow", pillow, other))
        pieces += _arm_rests(seat, other, half + 0.5, d)
    elif kind == "dining":
        wood = _wood(d.under("wood"))
        high = seat.shoulder_y + d.uniform("high", -1.6, 0.4)
        posts = [
            tube([[s * half * 0.8, low - 4, z], [s * half * 0.8, high, z - 0.5]], 0.16)
            for s in (1, -1)
        ]
        rail = box([0, high - 0.3, z - 0.45], [half * 0.8, 0.35, 0.12])
        bars = [
            tube([[x, low, z - 0.1], [x, high - 0.3, z - 0.45]], 0.1)
            for x in np.linspace(-half * 0.55, half * 0.55, d.integer("bars", 2, 5))
        ]
        pieces.append(Piece("dining chair", merge([*posts, rail, *bars]), wood))
    else:
        sofa = kind == "sofa"
        wide = d.uniform("wide", 8, 13) if sofa else d.uniform("wide", 3.2, 4.0)
        shift = d.uniform("shift", -0.6, 0.6) * (wide - 3) if sofa else 0.0
        high = seat.shoulder_y + d.uniform("high", -0.8, 1.4)
        body = ellipsoid(
            [shift, (low + high) / 2 - 1, z - 0.7],
            [wide, (high - low) / 2 + 1, 0.8],
            None,
            48,
            24,
            0.25,
        )
        pieces.append(Piece("sofa back", body, shading))
        for side in (1, -1):
            place = [shift + side * wide, seat.hip_y + 0.3, z + 2]
            arm = ellipsoid(place, [0.8, 1.3, 3.2], power=0.4)
            pieces.append(Piece("sofa arm", arm, shading))
        if d.chance("cushion", 0.4):
            x = d.sign("cushion/side") * d.uniform("cushion/x", 2.2, 3.2)
            cushion = ellipsoid([x, seat.hip_y + 1.6, z + 0.3], [1.6, 1.5, 0.6], power=0.5)
            pieces.append(Piece("cushion", cushion, other))
    seat_height = seat.hip_y - 0.95
    wide = half if kind not in ("sofa", "armchair") else half + 0.6
    bottom = ellipsoid([0, seat_height - 0.4, z + 2.3], [wide, 0.45, 2.5], power=0.4)
    pieces.append(Piece("seat", bottom, shading))
    return kind, pieces


def desk(person: Person, draws: Draws, *, distance_m: float) -> list[Piece]:
    """A desk in front, with things on it at times."""
    seat, d = seat_of(person), draws
    top = float(person.marks.neck[1]) - d.uniform("top", 4.4, 4.9)
    near = seat.front_z + d.uniform("near", 0.5, 1.2)
    if any(arm.mode == "desk" for arm in person.posture.arms):
        near = seat.front_z + 0.4
    depth, wide = d.uniform("depth", 5, 8), d.uniform("wide", 6, 11)
    x = d.uniform("x", -2, 2)
    pieces = [
        Piece(
            "desk",
            box([x, top - 0.15, near + depth / 2], [wide, 0.15, depth / 2]),
            _wood(d.under("wood")),
        )
    ]
    if distance_m > 0.75 and d.chance("laptop", 0.3):
        side = d.uniform("laptop/x", -2.2, 2.2)
        lean = rotation(X, 0.35)
        lid = box(np.zeros(3), [1.6, 1.05, 0.05], lean)
        place = np.array([side, top + 1.0, near + 3.4])
        base = box([side, top + 0.06, near + 2.1], [1.6, 0.06, 1.1])
        gray = {"color": np.array([0.3, 0.3, 0.31]), "roughness": 0.4, "metallic": 0.6}
        pieces.append(Piece("laptop", merge([Shape(lid.vertices + place, lid.faces), base]), gray))
    for k in range(d.integer("things", 0, 3)):
        own = d.under(f"thing {k}")
        place = np.array(
            [own.sign("side") * own.uniform("x", 2.2, 5), top, near + own.uniform("z", 0.8, 2.5)]
        )
        pieces.append(_thing_on_desk(own, place))
    return pieces


def _thing_on_desk(draws: Draws, place: Array) -> Piece:
    kind = draws.pick("kind", ["mug", "books", "bottle", "plant pot"])
    shading = _surface(draws.under("surface"))
    if kind == "books":
        piled = [
            box(
                [draws.uniform(f"shift {k}", -0.2, 0.2), 0.15 + 0.3 * k, 0],
                [1.1, 0.14, 0.8],
            )
            for k in range(draws.integer("count", 1, 4))
        ]
        shape = merge(piled)
    else:
        radius, height = {"mug": (0.4, 0.95), "bottle": (0.35, 2.3), "plant pot": (0.8, 1.4)}[kind]
        turned = lathe(
            [
                (0, 0),
                (radius * 0.85, 0),
                (radius, height * 0.7),
                (radius * 0.6, height),
                (0, height),
            ]
        )
        # The lathe's axis is its third; here it stands upright.
        shape = Shape(turned.vertices[:, [0, 2, 1]], turned.faces)
    return Piece(kind, Shape(shape.vertices + place, shape.faces), shading)


def front_chair(person: Person, draws: Draws) -> list[Piece]:
    """The back of another chair between the camera and the person."""
    seat = seat_of(person)
    z = seat.front_z + draws.uniform("z", 4, 6.5)
    high = seat.shoulder_y - draws.uniform("high", 0.8, 3.0)
    half = draws.uniform("half", 1.9, 2.6)
    slab = _slab(high - draws.uniform("tall", 2.2, 4), high, half, z, 0.25, -0.1)
    shift = np.array([draws.uniform("x", -4, 4), 0, 0])
    shape = Shape(slab.vertices + shift, slab.faces)
    return [Piece("front chair", shape, _surface(draws.under("surface")))]


def microphone_stand(person: Person, draws: Draws) -> list[Piece]:
    """A microphone on an arm before the mouth: it stands on something, so it is background."""
    marks, d = person.marks, draws
    side = d.sign("side")
    head = person.head_at(0.0)
    tip = np.array(
        [
            head[0] + side * d.uniform("x", 0.3, 1.2),
            marks.mouth[1] - d.uniform("y", 0.3, 1.4),
            marks.mouth[2] + d.uniform("z", 1.0, 2.0),
        ]
    )
    shading = {"color": np.array([0.015] * 3), "roughness": 0.5, "metallic": 0.0}
    head_shape = ellipsoid(tip, [0.3, 0.3, 0.45], power=0.8)
    elbow = tip + [side * 2.2, -2.2, 0.3]
    arm = tube(np.array([tip + [0, -0.3, 0], (tip + elbow) / 2, elbow]), 0.08, 10)
    post = tube(np.array([elbow, elbow + [side * 2.5, -1.5, 0]]), 0.1, 10)
    return [Piece("microphone", merge([head_shape, arm, post]), shading)]
