"""What has a person's shape and is none: statues, busts, mannequins, dolls, empty clothes.

All come from the base mesh and the garments that dress people, in surfaces that no skin has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..assets.base_mesh import BODY, BaseMesh
from ..clothes.fabric import draw_fabric
from ..clothes.outfit import dress
from ..draws import Draws
from ..geometry.mesh import vertex_normals, wave_noise
from ..geometry.rotations import Array
from ..geometry.shapes import Shape, ellipsoid, merge, tube
from ..person.person import Person, Request
from .piece import (
    BLACK,
    WHITE,
    Piece,
    Shading,
    Thing,
    block,
    bounds,
    colored,
    metal,
    moved,
    plain,
    scaled,
    turned_shape,
    wood,
)
from .seats import CHAIRS, chair

MATERIALS = {
    "stone": 1.2,
    "marble": 0.9,
    "bronze": 1.0,
    "plaster": 1.2,
    "plastic": 0.8,
    "gold": 0.3,
}
"""None has the colour of skin: what a network learns from these must not cost it people."""

PLASTICS = {
    "white": WHITE,
    "pale grey": (0.5, 0.5, 0.51),
    "grey": (0.25, 0.25, 0.26),
    "blue": (0.05, 0.16, 0.5),
    "green": (0.06, 0.3, 0.12),
}

RAGS = ((0.68, 0.67, 0.64), (0.15, 0.3, 0.5), (0.25, 0.45, 0.25), (0.5, 0.15, 0.38))
"""Colours of rag dolls."""

ARMS_DOWN = {
    "posture/arm/L/mode": "down",
    "posture/arm/R/mode": "down",
    "posture/crossed": False,
}


def _metres(points: Array) -> Array:
    """Decimetres with y up and z to the front, to metres with z up and the front at -y."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1) * 0.1


def carved(draws: Draws) -> Shading:
    """A surface that statues have."""
    d = draws
    kind = d.pick("material", MATERIALS)
    light = d.uniform("light", 0.7, 1.2)
    if kind == "stone":
        color = np.array([0.36, 0.35, 0.32]) * light
        return {"kind": "stone", "color": color, "scale": 1.5, "roughness": 0.85}
    if kind == "marble":
        return {
            "kind": "marble",
            "color": np.array([0.7, 0.69, 0.66]) * light,
            "second": np.array([0.4, 0.4, 0.42]),
            "roughness": 0.25,
        }
    if kind == "bronze":
        return {
            "kind": "bronze",
            "color": np.array([0.14, 0.08, 0.035]) * light,
            "second": np.array([0.08, 0.14, 0.1]),
            "roughness": d.uniform("rough", 0.25, 0.5),
        }
    if kind == "gold":
        return plain((0.75, 0.5, 0.14), 0.25, 1.0)
    if kind == "plaster":
        return plain(np.array([0.72, 0.71, 0.68]) * light, 0.8)
    name = d.pick("plastic", {"white": 2, "pale grey": 1, "grey": 0.7, "blue": 0.2, "green": 0.15})
    return plain(PLASTICS[name], d.uniform("gloss", 0.1, 0.5))


def _person(base: BaseMesh, draws: Draws, forced: dict[str, Any], *, clothed: bool) -> Person:
    """A person without hair; posed by frame 0."""
    person = Person(
        base, Draws(draws.seed * 100 + 7 + draws.integer("figure", 0, 89), forced=forced), Request()
    )
    if clothed:
        dress(person, draws.under("clothes"))
    return person


def _hair_cap(person: Person, draws: Draws, thick: float) -> Array:
    """(BODY, 3) the body at rest with hair carved where it would grow."""
    rest = person.vertices[:BODY]
    normals = vertex_normals(rest, person.body_faces)
    noise = wave_noise(draws.rng("locks"), rest, 0.4, draws.uniform("curl", 1.5, 4.0))
    locks = np.clip(1 + noise, 0.3, 1.8)
    return np.asarray(rest + normals * (person.scalp[:BODY] * thick * locks)[:, None])


def _meshes(person: Person, body: Array | None = None) -> dict[str, list[Shape]]:
    """Shapes in metres of the body, its eyes, and its clothes."""
    pose = person.poser.at(0.0)
    found: dict[str, list[Shape]] = {"body": [], "eye": [], "cloth": []}
    for part in person.parts:
        if part.material in ("lash", "teeth", "tongue"):
            continue
        given = body if part is person.body_part else None
        points = _metres(person.posed(part, pose, given))
        faces = [[int(i) for i in face] for face in part.faces]
        key = {"skin": "body", "eye": "eye"}.get(part.material, "cloth")
        found[key].append(Shape(points, faces))
    return found


def _on_floor(thing: Sequence[Piece], body: Array) -> Thing:
    """Its feet at z = 0, its trunk above the origin."""
    middle = (body.min(0) + body.max(0)) / 2
    return moved(thing, [-middle[0], -middle[1], -body[:, 2].min()])


def _cut(shape: Shape, above: float, below: float = np.inf) -> Shape:
    """Only the faces between two heights."""
    inside = (shape.vertices[:, 2] > above) & (shape.vertices[:, 2] < below)
    return Shape(shape.vertices, [face for face in shape.faces if inside[face].all()])


def statue(base: BaseMesh, draws: Draws) -> Thing:
    """A statue of a whole figure on a plinth, clothed in its own stone."""
    d, shading = draws, carved(draws.under("surface"))
    person = _person(base, d, {}, clothed=True)
    thick = d.uniform("hair", 0.03, 0.2)
    meshes = _meshes(person, _hair_cap(person, d, thick))
    body = meshes["body"][0]
    shape = merge([*meshes["body"], *meshes["eye"], *meshes["cloth"]])
    figure = _on_floor([Piece(shape, shading, True)], body.vertices)
    size = d.uniform("size", 0.75, 1.1)
    high = d.uniform("plinth", 0.08, 0.7)
    plinth = block([-0.35, -0.35, 0], [0.35, 0.35, high])
    stand = shading if d.chance("one stone", 0.6) else carved(d.under("plinth"))
    return [Piece(plinth, stand), *moved(scaled(figure, size), [0, 0, high])]


def bust(base: BaseMesh, draws: Draws, *, on_post: bool = True) -> Thing:
    """Head and shoulders of stone or bronze, on a post or small on a shelf."""
    d, shading = draws, carved(draws.under("surface"))
    person = _person(base, d, ARMS_DOWN, clothed=False)
    meshes = _meshes(person, _hair_cap(person, d, d.uniform("hair", 0.03, 0.25)))
    body = meshes["body"][0]
    top = float(body.vertices[:, 2].max())
    cut_m = top - d.uniform("cut", 0.42, 0.62)
    half = d.uniform("shoulders", 0.16, 0.24)
    kept = _cut(body, cut_m)
    inside = np.abs(kept.vertices[:, 0]) < half
    kept = Shape(kept.vertices, [face for face in kept.faces if inside[face].all()])
    used = np.unique([i for face in kept.faces for i in face])
    number = np.full(len(kept.vertices), -1)
    number[used] = np.arange(len(used))
    trunk = Shape(kept.vertices[used], [[int(number[i]) for i in face] for face in kept.faces])
    middle = trunk.vertices.mean(0)
    fill = ellipsoid(
        [middle[0], middle[1] + 0.01, cut_m + 0.02], [half * 0.95, 0.085, 0.05], power=0.7
    )
    shape = merge([trunk, *meshes["eye"], fill])
    thing = moved([Piece(shape, shading, True)], [-middle[0], -middle[1], -cut_m + 0.1])
    foot = turned_shape(
        [(0, 0), (0.1, 0), (0.1, 0.02), (0.06, 0.04), (0.055, 0.1), (0.09, 0.12), (0, 0.12)]
    )
    thing.append(Piece(foot, shading, True))
    thing = scaled(
        thing, d.uniform("size", 0.8, 1.15) if on_post else d.uniform("small", 0.35, 0.7)
    )
    if on_post:
        high = d.uniform("post", 0.7, 1.15)
        post = block([-0.16, -0.16, 0], [0.16, 0.16, high])
        return [Piece(post, carved(d.under("post"))), *moved(thing, [0, 0, high])]
    return thing


def mannequin(base: BaseMesh, draws: Draws) -> Thing:
    """A mannequin of a shop in clothes, with a bare head, without one, or a tailor's torso."""
    d = draws
    surface = carved(Draws(d.seed, d.path + "surface/", {d.path + "surface/material": "plastic"}))
    person = _person(base, d, ARMS_DOWN if d.chance("arms down", 0.7) else {}, clothed=True)
    meshes = _meshes(person)
    body = meshes["body"][0]
    neck = float(_metres(person.marks.neck)[2])
    shift = float(body.vertices[:, 2].min())
    headless = d.chance("headless", 0.35)
    skin = _cut(body, -np.inf, neck + 0.06) if headless else merge([body, *meshes["eye"]])
    thing = [Piece(skin, surface, True)]
    for shape, part in zip(
        meshes["cloth"], [p for p in person.parts if p.material == "cloth"], strict=False
    ):
        thing.append(Piece(shape, {"kind": "cloth", **part.shading}, True))
    thing = moved(thing, [0, 0, -shift])
    if headless:
        knob = ellipsoid([0, 0.03, neck - shift + 0.07], [0.055, 0.055, 0.025])
        thing.append(Piece(knob, wood(d.under("knob")), True))
    plate = turned_shape([(0, 0), (0.22, 0), (0.22, 0.02), (0, 0.02)], 32)
    return [*moved(thing, [0, 0, 0.02]), Piece(plate, metal(d.under("plate")))]


def doll(base: BaseMesh, draws: Draws) -> Thing:
    """A doll of plastic in clothes: a child's shape with a large head and painted hair."""
    d = draws
    person = _person(base, d, {**ARMS_DOWN, "body/child": True}, clothed=True)
    meshes = _meshes(person, _hair_cap(person, d, d.uniform("hair", 0.15, 0.4)))
    body = meshes["body"][0]
    neck = _metres(person.marks.neck)
    grow = d.uniform("head", 1.5, 2.1)

    def enlarged(shape: Shape) -> Shape:
        share = np.clip((shape.vertices[:, 2] - neck[2]) / 0.06, 0, 1)[:, None]
        larger = neck + (shape.vertices - neck) * grow
        return Shape(shape.vertices * (1 - share) + larger * share, shape.faces)

    rag = {"kind": "cloth", **draw_fabric(d.under("rag"), {"plain": 1.0, "check": 0.5})}
    skin = {
        "porcelain": plain((0.76, 0.73, 0.72), 0.12),
        "rag": {**rag, "color": np.array(RAGS[d.integer("rag colour", 0, len(RAGS) - 1)])},
        "plastic": plain((0.8, 0.2, 0.38), 0.15),
        "vinyl": carved(Draws(d.seed, d.path + "skin/", {d.path + "skin/material": "plastic"})),
    }[d.pick("skin", {"porcelain": 1.0, "rag": 0.8, "plastic": 0.4, "vinyl": 0.6})]
    faces = np.array([int(face[0]) for face in body.faces])
    hairy = person.scalp[:BODY][faces] > 0.5
    big = enlarged(body)
    hair = [face for face, yes in zip(body.faces, hairy, strict=True) if yes]
    bare = [face for face, yes in zip(body.faces, hairy, strict=True) if not yes]
    thing = [
        Piece(Shape(big.vertices, bare), skin, True),
        Piece(Shape(big.vertices, hair), colored(d.under("hair colour")), True),
    ]
    thing.append(
        Piece(merge([enlarged(eye) for eye in meshes["eye"]]), plain((0.03, 0.05, 0.1), 0.1), True)
    )
    for shape, part in zip(
        meshes["cloth"], [p for p in person.parts if p.material == "cloth"], strict=False
    ):
        thing.append(Piece(shape, {"kind": "cloth", **part.shading}, True))
    thing = _on_floor(thing, body.vertices)
    tall = float(body.vertices[:, 2].max() - body.vertices[:, 2].min())
    return scaled(thing, d.uniform("tall", 0.3, 0.75) / tall)


def head_stand(base: BaseMesh, draws: Draws) -> Thing:
    """A head of plastic or foam on a post that wears a wig of carved hair or nothing."""
    d = draws
    person = _person(base, d, ARMS_DOWN, clothed=False)
    meshes = _meshes(person, _hair_cap(person, d, d.uniform("hair", 0.15, 0.5)))
    body, neck = meshes["body"][0], float(_metres(person.marks.neck)[2])
    kept = _cut(body, neck - 0.02)
    hairy = person.scalp[:BODY] > 0.5
    wig = [face for face in kept.faces if hairy[face[0]]]
    bare = [face for face in kept.faces if not hairy[face[0]]]
    surface = carved(Draws(d.seed, d.path + "surface/", {d.path + "surface/material": "plastic"}))
    dark = np.array([0.05, 0.03, 0.02]) * d.uniform("wig", 0.2, 6)
    cover = (
        {"kind": "fur", "color": dark, "second": dark * 0.7} if d.chance("wig on", 0.7) else surface
    )
    used = np.unique([i for face in kept.faces for i in face])
    points = body.vertices[used]
    number = np.full(len(body.vertices), -1)
    number[used] = np.arange(len(used))
    thing = [
        Piece(Shape(points, [[int(number[i]) for i in face] for face in faces]), shading, True)
        for faces, shading in ((bare, surface), (wig, cover))
        if faces
    ]
    thing.append(Piece(merge(meshes["eye"]), surface, True))
    middle = points.mean(0)
    foot = turned_shape([(0, 0), (0.1, 0), (0.1, 0.015), (0.05, 0.03), (0.05, 0.16), (0, 0.16)])
    return [*moved(thing, [-middle[0], -middle[1], 0.12 - neck]), Piece(foot, surface, True)]


def empty_clothes(base: BaseMesh, draws: Draws) -> Thing:
    """A jacket, hoodie or shirt without a person, flat as it hangs, its neck at the origin."""
    d = draws
    person = Person(
        base, Draws(d.seed * 100 + 3 + d.integer("figure", 0, 89), forced=ARMS_DOWN), Request()
    )
    own = f"{d.path}clothes/"
    kind = d.pick("kind", {"jacket": 2.0, "hoodie": 1.0, "shirt": 0.8, "sweater": 0.6})
    again = Draws(d.seed, d.path, {f"{own}kind": "top", f"{own}top/kind": kind})
    dress(person, again.under("clothes"))
    pose = person.poser.at(0.0)
    neck = _metres(person.marks.neck)
    thing: Thing = []
    rng = d.rng("hang")
    for part in person.parts:
        if part.material != "cloth" or part.name in ("trousers", "shoes"):
            continue
        points = _metres(person.posed(part, pose)) - neck
        # Without shoulders inside, cloth falls: narrower, flatter, with long folds.
        down = np.clip(-points[:, 2] / 0.6, 0, 1)
        points[:, 0] *= 0.92 - 0.12 * down
        points[:, 1] *= 0.5
        points[:, 2] -= 0.25 * np.abs(points[:, 0]) * (1 - down)
        folds = np.sin(points[:, 0] * rng.uniform(25, 45) + rng.uniform(0, 6))
        points[:, 1] += 0.018 * folds * down
        faces = [[int(i) for i in face] for face in part.faces]
        thing.append(
            Piece(
                Shape(points, faces),
                {"kind": "cloth", **part.shading},
                True,
                rest=part.attributes["rest"],
            )
        )
    return thing


def coat_rack(base: BaseMesh, draws: Draws) -> Thing:
    """Hooks on a board at a wall or a stand of its own, with coats, a hat and a bag."""
    d = draws
    high = d.uniform("high", 1.5, 1.75)
    frame = wood(d.under("wood"))
    count = d.integer("coats", 1, 3)
    half = 0.2 * count + 0.15
    thing = [Piece(block([-half, -0.025, high - 0.05], [half, 0, high + 0.05]), frame)]
    hooks = []
    for k in range(count * 2 + 1):
        x = -half * 0.85 + k * half * 1.7 / (count * 2)
        hooks.append(
            tube([[x, -0.02, high], [x, -0.08, high - 0.01], [x, -0.1, high + 0.03]], 0.008, 6)
        )
    thing.append(Piece(merge(hooks), metal(d.under("hooks"))))
    for k in range(count):
        own = d.under(f"coat {k}")
        x = (k - (count - 1) / 2) * 0.42 + own.uniform("x", -0.05, 0.05)
        turn = own.normal("turn", 0, 0.35)
        thing += moved(
            empty_clothes(base, own), [x, -0.14, high - own.uniform("drop", 0.0, 0.1)], turn
        )
        if own.chance("hat", 0.25):
            brim = turned_shape(
                [
                    (0, 0.11),
                    (0.07, 0.11),
                    (0.09, 0.0),
                    (0.15, -0.01),
                    (0.15, -0.015),
                    (0.085, -0.01),
                ]
            )
            thing += moved([Piece(brim, colored(own.under("hat")), True)], [x, -0.13, high + 0.08])
    if d.chance("bag", 0.35):
        x = half * d.uniform("bag/x", -0.8, 0.8)
        bag = ellipsoid([x, -0.13, high - 0.65], [0.15, 0.07, 0.18], power=0.5)
        strap = tube(
            [[x - 0.1, -0.1, high - 0.5], [x, -0.09, high - 0.02], [x + 0.1, -0.1, high - 0.5]],
            0.01,
            6,
        )
        thing.append(Piece(merge([bag, strap]), colored(d.under("bag")), True))
    return thing


def chair_with_clothes(base: BaseMesh, draws: Draws) -> Thing:
    """A chair with a jacket over its back."""
    d = draws
    seat = chair(d.under("chair"), d.pick("chair", CHAIRS))
    top = float(bounds(seat)[1][2])
    y = d.uniform("y", 0.2, 0.24)
    clothes = scaled(empty_clothes(base, d.under("clothes")), [0.95, 1.5, 0.95])
    return [*seat, *moved(clothes, [0, y, min(top, 1.1) + 0.03])]


def shadow_figure(base: BaseMesh, draws: Draws) -> Thing:
    """A body that only throws a shadow; it is in no picture."""
    person = _person(base, draws, {}, clothed=False)
    body = _meshes(person)["body"][0]
    return _on_floor([Piece(body, plain(BLACK))], body.vertices)
