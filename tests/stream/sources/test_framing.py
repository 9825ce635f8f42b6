"""Frames that are turned, mirrored, cut and enlarged: exact pixels, and what is refused."""

import itertools

import numpy as np
import pytest

from tests.fakes import FakeSource, numbered_image
from u2cam.core.errors import SettingsError, SourceError
from u2cam.settings import settled
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.wrappers.framed import FramedSource
from u2cam.stream.sources.wrappers.framing import Framing
from u2cam.stream.sources.wrappers.part import PartSource

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 64, 3), dtype=np.uint8)


def framing(**asked: object) -> Framing:
    made = Framing.of(CaptureSettings(**asked))  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("rotate", "mirror", "flip"),
    [c for c in itertools.product((0, 90, 180, 270), (False, True), (False, True)) if any(c)],
)
def test_turn_mirror_and_flip_move_every_pixel_to_its_place(
    rotate: int, mirror: bool, flip: bool
) -> None:
    wanted = np.rot90(IMAGE, -rotate // 90)
    wanted = wanted[:, ::-1] if mirror else wanted
    wanted = wanted[::-1] if flip else wanted
    made = Framing.of(CaptureSettings(rotate=rotate, mirror=mirror, flip=flip))  # type: ignore[arg-type]
    if made is None:  # mirrored and turned by 180 degrees: as it was
        np.testing.assert_array_equal(IMAGE, wanted)
        return
    got = made.apply(IMAGE)
    np.testing.assert_array_equal(got, wanted)
    assert got.flags.c_contiguous
    assert made.size_wh((64, 40)) == got.shape[1::-1]


def test_nothing_asked_for_is_no_framing_at_all() -> None:
    assert Framing.of(CaptureSettings()) is None


@pytest.mark.parametrize("crop", ["16,4,32,20", "0.25,0.1,0.5,0.5"])
def test_a_crop_is_the_box_and_nothing_else(crop: str) -> None:
    made = framing(crop=crop)
    np.testing.assert_array_equal(made.apply(IMAGE), IMAGE[4:24, 16:48])
    assert made.size_wh((64, 40)) == (32, 20)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_the_box_is_given_in_the_turned_frame(rotate: int, mirror: bool) -> None:
    turned = np.rot90(IMAGE, -rotate // 90)
    turned = turned[:, ::-1] if mirror else turned
    got = framing(rotate=rotate, mirror=mirror, crop="3,5,20,18").apply(IMAGE)
    np.testing.assert_array_equal(got, turned[5:23, 3:23])


def test_zoom_shows_the_middle_at_the_same_size() -> None:
    image = np.zeros((80, 120, 3), np.uint8)
    image[20:60, 30:90] = 200
    made = framing(zoom=2)
    got = made.apply(image)
    assert got.shape == image.shape
    assert made.size_wh((120, 80)) == (120, 80)
    assert (got == 200).all()
    assert framing(zoom=1.5).apply(image)[0, 0].max() == 0


def test_zoom_is_of_what_the_box_holds() -> None:
    image = np.zeros((80, 120, 3), np.uint8)
    image[:40, :60] = 90
    image[10:30, 15:45] = 250
    got = framing(crop="0,0,0.5,0.5", zoom=2).apply(image)
    assert got.shape == (40, 60, 3)
    assert (got == 250).all()


def test_the_frames_of_a_source_keep_their_times() -> None:
    images = [numbered_image(number) for number in range(3)]
    height, width = images[0].shape[:2]
    with FramedSource(FakeSource(images), framing(rotate=90)) as source:
        assert source.info.size_wh == (height, width)
        for number, image in enumerate(images):
            frame = source.read()
            assert frame.pts == 3000 * number
            np.testing.assert_array_equal(frame.image, np.rot90(image, -1))
        with pytest.raises(EndOfStream):
            source.read()


def test_a_box_that_is_not_in_the_frame_is_refused_and_the_source_closed() -> None:
    inner = FakeSource([IMAGE])
    with (
        pytest.raises(SourceError, match=r"ends at 70,30, but the frame is 64x40"),
        FramedSource(inner, framing(crop="30,10,40,20")),
    ):
        pass
    assert inner.closed


@pytest.mark.parametrize(
    ("crop", "said"),
    [
        ("0.5,0,0.6,1", "beyond"),
        ("1,2,3", "LEFT,TOP"),
        ("a,b,c,d", "LEFT,TOP"),
        ("0,0,0,1", "above 0"),
        ("-1,0,20,20", "below 0"),
        ("0.5,0,20,20", "whole pixels"),
        ("0,0,nan,1", "below 0"),
    ],
)
def test_a_box_that_is_none_is_one_line(crop: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        settled({"capture": {"crop": crop}}, {})
    assert "capture.crop" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_box_that_is_too_small_to_work_on_is_refused() -> None:
    with pytest.raises(ValueError, match="16 or more"):
        framing(crop="0,0,0.1,0.1").size_wh((64, 40))


def test_a_part_ends_before_its_second_and_tells_its_length() -> None:
    with PartSource(FakeSource([IMAGE] * 30), 0.5) as source:
        assert (source.info.frames, source.info.duration_s) == (15, 0.5)
        times = []
        for _ in range(15):
            times.append(source.read().time_s)
        assert max(times) < 0.5
        for _ in range(2):
            with pytest.raises(EndOfStream):
                source.read()
