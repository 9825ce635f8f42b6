"""Shapes and meshes that clothes and things are made of."""

import numpy as np

from u2cam.model.train.render.geometry.mesh import (
    border_edges,
    directed_border,
    edges_of,
    smooth_border,
    subdivided,
    vertex_normals,
)
from u2cam.model.train.render.geometry.rotations import rotation, rotation_between, unit
from u2cam.model.train.render.geometry.shapes import box, ellipsoid, grid_faces, merge, tube


def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:size, :size].astype(float)
    points = np.stack([x.ravel(), y.ravel(), np.zeros(size * size)], 1)
    return points, np.array(grid_faces(size, size))


def test_a_rotation_between_directions_turns_one_into_the_other() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        a, b = unit(rng.normal(size=3)), unit(rng.normal(size=3))
        np.testing.assert_allclose(rotation_between(a, b) @ a, b, atol=1e-9)


def test_rotations_keep_lengths_and_handedness() -> None:
    turn = rotation([1, 2, 3], 0.7)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.isclose(np.linalg.det(turn), 1)


def test_subdivision_keeps_the_surface_and_makes_four_faces_of_a_quad() -> None:
    points, faces = _grid(4)
    matrix, finer = subdivided(faces, len(points))
    assert len(finer) == 4 * len(faces)
    np.testing.assert_allclose(np.asarray(matrix.sum(1)).ravel(), 1)
    new = matrix @ points
    assert new.shape == (49, 3)
    np.testing.assert_allclose(new[: len(points)], points)


def test_subdivision_takes_triangles() -> None:
    matrix, finer = subdivided([[0, 1, 2]], 3)
    assert len(finer) == 3
    assert matrix.shape == (7, 3)


def test_a_grid_has_its_outline_as_border() -> None:
    points, faces = _grid(5)
    assert len(border_edges(faces)) == 16
    directed = directed_border(faces)
    assert len(directed) == 16
    # Each border vertex is left once and reached once.
    assert sorted(directed[:, 0]) == sorted(directed[:, 1])
    assert len(edges_of(faces)) == 40
    assert len(points) == 25


def test_a_smoothed_border_is_straighter_and_leaves_the_inside() -> None:
    points, faces = _grid(9)
    jagged = points.copy()
    jagged[:9:2, 1] -= 0.4
    border = border_edges(faces)
    out = smooth_border(jagged, border, 10)
    bends = [np.abs(np.diff(points[1:8, 1], 2)).max() for points in (out, jagged)]
    assert bends[0] < 0.3 * bends[1]
    inside = np.setdiff1d(np.arange(81), border)
    np.testing.assert_array_equal(out[inside], jagged[inside])


def test_closed_shapes_have_normals_that_point_out() -> None:
    shapes = [box([0, 0, 0], [1, 2, 3]), ellipsoid([0, 0, 0], [1, 2, 3])]
    for shape in shapes:
        normals = vertex_normals(shape.vertices, shape.faces)
        outward = (normals * unit(shape.vertices)).sum(1)
        assert (outward > 0).all() or (outward < 0).all()


def test_merged_shapes_keep_their_faces_apart() -> None:
    both = merge([box([0, 0, 0], [1, 1, 1]), tube([[0, 0, 0], [0, 1, 0], [0, 2, 0]], 0.1)])
    assert max(max(face) for face in both.faces) == len(both.vertices) - 1
