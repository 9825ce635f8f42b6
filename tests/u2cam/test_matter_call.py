"""`u2cam.Matter`: frames in, alphas out."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import u2cam
from tests.media import Clip, read_rgb
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(120)


def person(number: int, size_wh: tuple[int, int] = (160, 120)) -> np.ndarray:
    image = np.full((size_wh[1], size_wh[0], 3), (60, 70, 160), np.uint8)
    middle = (80 + number % 3, 45)
    cv2.ellipse(image, (middle[0], 125), (45, 58), 0, 0, 360, (200, 40, 40), -1)
    cv2.ellipse(image, middle, (18, 26), 0, 0, 360, (220, 170, 140), -1)
    return image


@pytest.mark.parametrize("raw", [False, True])
def test_alpha_is_float32_in_the_frame_s_size(one_thread: None, raw: bool) -> None:
    frame = person(0, (161, 121))
    with u2cam.Matter("grabcut", raw=raw) as matter:
        alpha = matter(frame)
        assert matter.device_name == "cpu"
    assert (alpha.shape, alpha.dtype) == ((121, 161), np.float32)
    assert 0 <= alpha.min() <= 0.05
    assert 0.95 <= alpha.max() <= 1
    assert alpha[45, 80] > 0.9 > 0.1 > alpha[5, 5]


def test_alphas_are_those_of_the_command_line(one_thread: None, tmp_path: Path) -> None:
    clip = Clip(size_wh=(160, 120), frames=6, draw=person).write(tmp_path / "talk.mkv")
    out = tmp_path / "matte.mkv"
    model = ["-m", "u2net_live", "--device", "cpu"]
    assert main(["-i", str(clip), "-o", str(out), "--view", "matte", *model]) == 0
    with u2cam.Matter("u2net_live", device="cpu") as matter:
        alphas = [matter(frame, number / 25) for number, frame in enumerate(read_rgb(clip))]
    for alpha, written in zip(alphas, read_rgb(out), strict=True):
        assert np.abs(alpha * 255 - written[..., 0]).max() <= 2


def test_after_reset_a_frame_is_the_first(one_thread: None) -> None:
    with u2cam.Matter("u2net_live", device="cpu") as matter:
        first = matter(person(0))
        matter(person(9))
        matter.reset()
        assert np.array_equal(matter(person(0)), first)


def test_a_frame_of_another_size_begins_anew(one_thread: None) -> None:
    with u2cam.Matter("u2net_live", device="cpu") as matter:
        first = matter(person(0))
        assert matter(person(0, (96, 128))).shape == (128, 96)
        assert np.array_equal(matter(person(0)), first)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: u2cam.Matter("grabcut")([[1]]), r"got \[\[1\]\] \(list\)"),
        (lambda: u2cam.Matter("grabcut")(np.zeros((4, 4), np.uint8)), r"got shape \(4, 4\)"),
        (lambda: u2cam.Matter("grabcut")(np.zeros((4, 4, 3))), "got float64"),
        (lambda: u2cam.Matter("u2ne"), "u2ne"),
        (lambda: u2cam.Matter("grabcut", device="tpu"), "device"),
        (lambda: u2cam.Matter("grabcut", settings={"matt": {}}), "did you mean matte"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_closed_matter_says_so() -> None:
    matter = u2cam.Matter("grabcut")
    matter.close()
    matter.close()
    with pytest.raises(u2cam.UsageError, match="closed"):
        matter(person(0))
