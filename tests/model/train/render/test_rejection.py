"""Which pictures are thrown away."""

import numpy as np
import pytest

from u2cam.model.train.render.rejection import (
    Visibility,
    bad_alpha,
    bad_coverage,
    bad_exposure,
    bad_visibility,
)

GOOD = Visibility(trunk=300, bare=0, torn=0, face_points=7, face_seen=7)


def _disc(radius: float) -> np.ndarray:
    y, x = np.mgrid[:72, :128]
    return (np.hypot(x - 64, y - 36) < radius).astype(float)


def test_a_dressed_person_with_a_face_is_kept() -> None:
    assert bad_visibility(GOOD) is None


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Visibility(300, 60, 0, 7, 7), "skin"),
        (Visibility(300, 0, 20, 7, 7), "torn cloth"),
        (Visibility(300, 0, 0, 7, 2), "face hidden"),
    ],
)
def test_bare_torn_and_hidden_people_are_rejected(seen: Visibility, reason: str) -> None:
    assert reason in (bad_visibility(seen) or "")


def test_people_who_look_away_need_no_face() -> None:
    assert bad_visibility(Visibility(300, 0, 0, 2, 0)) is None


def test_few_rays_prove_nothing() -> None:
    assert bad_visibility(Visibility(5, 4, 1, 0, 0)) is None


def test_coverage_is_judged_over_all_frames_of_a_clip() -> None:
    empty = np.zeros((72, 128))
    assert "no person" in (bad_coverage([empty]) or "")
    assert bad_coverage([empty, _disc(25)]) is None
    assert "fill the" in (bad_coverage([np.ones((72, 128))]) or "")


def test_alpha_that_is_soft_everywhere_or_not_finite_is_rejected() -> None:
    assert bad_alpha(_disc(25)) is None
    assert "soft" in (bad_alpha(np.full((72, 128), 0.5)) or "")
    assert "finite" in (bad_alpha(np.full((72, 128), np.nan)) or "")


def test_black_and_white_people_are_rejected() -> None:
    alpha = _disc(25)
    assert "exposure" in (bad_exposure(np.zeros((72, 128, 3)), alpha) or "")
    assert "exposure" in (bad_exposure(np.ones((72, 128, 3)), alpha) or "")
    assert bad_exposure(np.full((72, 128, 3), 0.4), alpha) is None
    assert bad_exposure(np.zeros((72, 128, 3)), np.zeros((72, 128))) is None
