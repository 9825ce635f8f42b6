"""What kind of scene a sequence shows."""

import numpy as np

from u2cam.model.evaluate.kinds import kinds_of

GREY = np.full((72, 128, 3), 120, np.uint8)
NO_TAGS: frozenset[str] = frozenset()


def matte(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Boxes as left, top, right, bottom."""
    alpha = np.zeros((72, 128), np.uint8)
    for left, top, right, bottom in boxes:
        alpha[top:bottom, left:right] = 255
    return alpha


def test_framing_without_tags_goes_by_feet_and_coverage() -> None:
    assert kinds_of(GREY, matte((50, 10, 70, 60)), NO_TAGS) == {"whole body"}
    assert kinds_of(GREY, matte((50, 20, 80, 72)), NO_TAGS) == {"half"}
    assert kinds_of(GREY, matte((30, 5, 100, 72)), NO_TAGS) == {"close"}


def test_the_renderers_tags_decide_where_there_are_any() -> None:
    tags = frozenset({"medium", "three people", "hands", "held things", "hat", "sitting", "beard"})
    wanted = {"half", "two people", "hands", "held things", "hats", "sitting"}
    assert kinds_of(GREY, matte((50, 10, 70, 60)), tags) == wanted


def test_two_large_parts_are_two_people_and_a_speck_is_none() -> None:
    assert "two people" in kinds_of(GREY, matte((10, 20, 40, 72), (80, 20, 110, 72)), NO_TAGS)
    assert "two people" not in kinds_of(GREY, matte((10, 20, 40, 72), (80, 20, 84, 24)), NO_TAGS)


def test_a_person_whom_the_frames_side_cuts_is_at_the_border() -> None:
    assert "border" in kinds_of(GREY, matte((0, 20, 40, 72)), NO_TAGS)
    assert "border" not in kinds_of(GREY, matte((1, 20, 40, 72)), NO_TAGS)


def test_dark_on_dark_needs_both_sides_dark() -> None:
    alpha = matte((40, 20, 80, 72))
    for person, scene, wanted in ((30, 30, True), (30, 120, False), (120, 30, False)):
        frame = np.full((72, 128, 3), scene, np.uint8)
        frame[alpha > 0] = person
        assert ("dark on dark" in kinds_of(frame, alpha, NO_TAGS)) == wanted


def test_an_empty_scene_has_no_kind() -> None:
    assert not kinds_of(GREY, matte(), NO_TAGS)
