"""Animals and toys of simple shapes: cats, dogs, birds, teddy bears, snowmen, robots."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.rotations import X, rotation
from ..geometry.shapes import Shape, ellipsoid, merge, tube
from .piece import BLACK, WHITE, Piece, Thing, block, colored, plain, scaled

FURS = (
    (0.03, 0.025, 0.02),
    (0.3, 0.17, 0.08),
    (0.45, 0.3, 0.16),
    (0.6, 0.55, 0.48),
    (0.15, 0.14, 0.14),
    (0.4, 0.16, 0.05),
)


def _fur(draws: Draws) -> dict[str, object]:
    color = np.array(FURS[draws.integer("fur", 0, len(FURS) - 1)])
    second = np.array(FURS[draws.integer("second", 0, len(FURS) - 1)])
    if draws.chance("one colour", 0.6):
        second = color * 0.6
    return {"kind": "fur", "color": color * draws.uniform("light", 0.7, 1.3), "second": second}


def _eyes(places: list[list[float]], r: float) -> Piece:
    return Piece(
        merge([ellipsoid(place, [r] * 3, None, 10, 8) for place in places]), plain(BLACK, 0.1), True
    )


def cat_or_dog(draws: Draws) -> Thing:
    """A cat or a dog that sits and looks at the camera."""
    d = draws
    dog = d.chance("dog", 0.5)
    fur = _fur(d)
    body = [
        ellipsoid([0, 0.06, 0.14], [0.11, 0.14, 0.15], rotation(X, 0.4)),
        ellipsoid([0, -0.02, 0.24], [0.085, 0.09, 0.13]),
        *[ellipsoid([s * 0.05, -0.07, 0.1], [0.03, 0.035, 0.12]) for s in (-1, 1)],
        *[ellipsoid([s * 0.055, -0.1, 0.02], [0.032, 0.05, 0.022]) for s in (-1, 1)],
        *[ellipsoid([s * 0.1, 0.03, 0.07], [0.045, 0.1, 0.07]) for s in (-1, 1)],
        tube([[0.05, 0.2, 0.06], [0.16, 0.18, 0.05], [0.2, 0.06, 0.05]], [0.025, 0.022, 0.015], 8),
    ]
    turn = rotation([0, 0, 1], d.uniform("turn", -0.7, 0.7)) @ rotation(X, d.normal("nod", 0, 0.15))
    head = [ellipsoid([0, 0, 0], [0.08, 0.075, 0.07])]
    if dog:
        head.append(ellipsoid([0, -0.08, -0.02], [0.038, 0.06, 0.034]))
        floppy = d.chance("floppy", 0.6)
        for s in (-1, 1):
            tilt = rotation([0, 1, 0], s * (0.25 if floppy else -0.3))
            z = -0.02 if floppy else 0.07
            head.append(
                ellipsoid([s * (0.085 if floppy else 0.05), 0.01, z], [0.02, 0.03, 0.06], tilt)
            )
    else:
        head.append(ellipsoid([0, -0.06, -0.02], [0.035, 0.025, 0.025]))
        for s in (-1, 1):
            cone = tube([[s * 0.05, 0.0, 0.04], [s * 0.062, 0.0, 0.1]], [0.032, 0.004], 8)
            head.append(cone)
    front = -0.135 if dog else -0.085
    faces = [
        _eyes([[s * 0.035, -0.068, 0.015] for s in (-1, 1)], 0.012),
        Piece(ellipsoid([0, front, -0.005], [0.014, 0.01, 0.01]), plain(BLACK, 0.3), True),
    ]
    neck = np.array([0, -0.05, 0.41])

    def placed(shape: Shape) -> Shape:
        return Shape(shape.vertices @ turn.T + neck, shape.faces)

    size = d.uniform("size/dog", 1.0, 1.8) if dog else d.uniform("size", 0.85, 1.15)
    thing = [Piece(merge([*body, *[placed(shape) for shape in head]]), fur, True)]
    thing += [Piece(placed(piece.shape), piece.shading, True) for piece in faces]
    return scaled(thing, size)


def teddy(draws: Draws) -> Thing:
    """A teddy bear, small or as large as a child."""
    d, fur = draws, _fur(draws)
    parts = [
        ellipsoid([0, 0, 0.2], [0.14, 0.12, 0.18]),
        ellipsoid([0, -0.01, 0.46], [0.12, 0.11, 0.11]),
        *[ellipsoid([s * 0.09, 0, 0.56], [0.045, 0.025, 0.045]) for s in (-1, 1)],
        *[
            ellipsoid([s * 0.17, -0.05, 0.26], [0.05, 0.05, 0.12], rotation([0, 1, 0], -s * 0.5))
            for s in (-1, 1)
        ],
        *[ellipsoid([s * 0.1, -0.14, 0.07], [0.06, 0.14, 0.06]) for s in (-1, 1)],
    ]
    pale = plain(np.array([0.55, 0.42, 0.28]), 0.9)
    return scaled(
        [
            Piece(merge(parts), fur, True),
            Piece(ellipsoid([0, -0.11, 0.43], [0.05, 0.04, 0.04]), pale, True),
            _eyes([[s * 0.045, -0.11, 0.49] for s in (-1, 1)], 0.012),
            Piece(ellipsoid([0, -0.148, 0.45], [0.016, 0.01, 0.01]), plain(BLACK, 0.3), True),
        ],
        d.uniform("size", 0.6, 1.9),
    )


def bird(draws: Draws) -> Thing:
    """A parrot or an owl on a perch."""
    d = draws
    color, other = colored(d.under("body")), colored(d.under("wings"))
    parts = [
        ellipsoid([0, 0, 0.2], [0.07, 0.07, 0.12], rotation(X, -0.2)),
        ellipsoid([0, -0.02, 0.34], [0.055, 0.055, 0.055]),
    ]
    wings = [ellipsoid([s * 0.065, 0.02, 0.19], [0.02, 0.06, 0.11]) for s in (-1, 1)]
    wings.append(ellipsoid([0, 0.09, 0.05], [0.03, 0.03, 0.12], rotation(X, 0.4)))
    perch = [
        tube([[-0.2, 0, 0.09], [0.2, 0, 0.09]], 0.012, 8),
        tube([[0, 0.0, 0], [0, 0, 0.09]], 0.012, 8),
    ]
    return scaled(
        [
            Piece(merge(parts), color, True),
            Piece(merge(wings), other, True),
            Piece(
                ellipsoid([0, -0.08, 0.33], [0.016, 0.03, 0.018]),
                plain((0.5, 0.3, 0.05), 0.4),
                True,
            ),
            _eyes([[s * 0.035, -0.055, 0.36] for s in (-1, 1)], 0.01),
            Piece(merge(perch), plain((0.2, 0.12, 0.06), 0.8)),
        ],
        d.uniform("size", 0.8, 1.3),
    )


def toy(draws: Draws) -> Thing:
    """A toy robot or a snowman: a head on a trunk without a person's shape."""
    d = draws
    if d.chance("snowman", 0.4):
        white = plain(np.array(WHITE), 0.9)
        rs = (0.17, 0.13, 0.1)
        zs = (0.15, 0.39, 0.58)
        balls = [ellipsoid([0, 0, z], [r] * 3, None, 24, 16) for r, z in zip(rs, zs, strict=True)]
        scarf = ellipsoid([0, 0, 0.49], [0.1, 0.1, 0.03], power=0.7)
        nose = tube([[0, -0.09, 0.58], [0, -0.19, 0.57]], [0.018, 0.003], 8)
        return [
            Piece(merge(balls), white, True),
            Piece(scarf, colored(d.under("scarf")), True),
            Piece(nose, plain((0.6, 0.2, 0.03)), True),
            _eyes([[s * 0.035, -0.09, 0.61] for s in (-1, 1)], 0.012),
        ]
    color = colored(d)
    parts = [
        block([-0.12, -0.08, 0.14], [0.12, 0.08, 0.4]),
        block([-0.09, -0.08, 0.43], [0.09, 0.08, 0.58]),
        *[block([s * 0.08 - 0.035, -0.05, 0], [s * 0.08 + 0.035, 0.05, 0.14]) for s in (-1, 1)],
        *[block([s * 0.15 - 0.03, -0.04, 0.16], [s * 0.15 + 0.03, 0.04, 0.38]) for s in (-1, 1)],
    ]
    return scaled(
        [Piece(merge(parts), color), _eyes([[s * 0.04, -0.085, 0.52] for s in (-1, 1)], 0.018)],
        d.uniform("size", 0.6, 1.4),
    )
