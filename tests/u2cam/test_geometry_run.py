"""Whole runs whose frames are turned and cut, and whose pictures are scaled, paced and placed."""

import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pyvirtualcam

import u2cam
from tests.fakes import FakeSink, FakeSource, FakeVirtualBackend
from tests.media import Clip, Sound, read_beeps, read_duration, read_rgb, read_times
from tests.stream.sinks.test_deep_color import hdr_clip
from tests.u2cam.test_matter_call import person
from u2cam.build import build_on_demand
from u2cam.cli.arguments import parse
from u2cam.cli.main import main
from u2cam.inputs import plan_input
from u2cam.settings import settled
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.wrappers.wrapped import innermost

pytestmark = pytest.mark.timeout(120)
GREEN = np.array([0, 177, 64])
PTS = [0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 14, 15]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    clip = Clip(
        size_wh=(160, 120),
        frames=12,
        pts=PTS,
        draw=person,
        sounds=[Sound(length_s=0.7, beeps_s=[0.2, 0.5])],
    )
    return clip.write(tmp_path / "talk.mp4")


def run(*argv: str | Path) -> int:
    return main([str(arg) for arg in (*argv, "-m", "grabcut")])


def pictures(source: FakeSource, view: str = "side-by-side", **settings: Any) -> FakeSink:
    sink = FakeSink()
    u2cam.process(
        source,
        sink,
        background="#00b140",
        view=view,  # type: ignore[arg-type]
        model="grabcut",
        settings=settings,
    )
    return sink


def test_the_network_gets_the_turned_frame_and_the_picture_is_so() -> None:
    images = [person(number) for number in range(2)]
    sink = pictures(FakeSource(images), capture={"rotate": 90, "mirror": True})
    for image, picture in zip(images, sink.pictures, strict=True):
        turned = np.rot90(image, -1)[:, ::-1]
        width = turned.shape[1]
        np.testing.assert_array_equal(picture.image[:, :width], turned)
        assert picture.image.shape == (160, 240, 3)


def test_an_upside_down_person_is_found_where_the_frame_is_turned() -> None:
    images = [person(number)[::-1, ::-1].copy() for number in range(2)]
    sink = pictures(FakeSource(images), "composite", capture={"rotate": 180})
    upright = pictures(FakeSource([person(number) for number in range(2)]), "composite")
    for one, other in zip(sink.pictures, upright.pictures, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


def test_a_crop_is_the_size_of_every_picture_and_of_the_placeholder() -> None:
    source = FakeSource([person(n) for n in range(400)], live=True, rate=Fraction(100))
    sink = FakeSink(live=True)
    settings = {"capture": {"crop": "30,0,100,120"}, "output": {"size": "x60"}}
    with u2cam.Pipeline(source, sink, background="red", model="grabcut", settings=settings) as made:
        made.screen.set()
        made.wait(timeout_s=1)
    assert {picture.image.shape for picture in sink.pictures} == {(60, 50, 3)}
    assert any(picture.placeholder for picture in sink.pictures)


def test_a_constant_rate_leaves_the_sound_where_it_was(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "-b", "#00b140", "--rate", "50") == 0
    times = read_times(out)
    assert {b - a for a, b in pairwise(times)} == {Fraction(1, 50)}
    assert len(times) == 32
    assert read_beeps(out) == pytest.approx(read_beeps(talk), abs=0.002)
    assert abs(read_duration(out) - read_duration(talk)) <= Fraction(1, 25)


def test_a_lower_rate_keeps_all_of_the_sound(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "-b", "#00b140", "--rate", "5") == 0
    assert read_times(out) == [0, Fraction(1, 5), Fraction(2, 5), Fraction(3, 5)]
    assert read_beeps(out) == pytest.approx(read_beeps(talk), abs=0.002)


def test_start_and_end_cut_picture_and_sound(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "-b", "#00b140", "--start", "0.08", "--end", "0.4") == 0
    kept = [Fraction(pts - 2, 25) for pts in PTS if 2 <= pts < 10]
    assert read_times(out) == kept
    assert read_duration(out) == pytest.approx(0.32, abs=0.001)
    assert read_beeps(out) == pytest.approx([0.12], abs=0.002)
    with av.open(str(out)) as media:
        sound = media.streams.audio[0]
        assert sound.duration is not None
        assert float(sound.duration * sound.time_base) == pytest.approx(0.32, abs=0.03)


def test_end_is_for_own_sources_too() -> None:
    sink = FakeSink()
    source = FakeSource([person(n) for n in range(30)])
    u2cam.process(source, sink, background="red", model="grabcut", end_s=0.2)
    assert [picture.pts for picture in sink.pictures] == [3000 * n for n in range(6)]


@pytest.mark.parametrize(
    ("size", "wanted"),
    [("80x60", (80, 60)), ("81x61", (82, 62)), ("80x", (80, 60)), ("200x60", (200, 60))],
)
def test_a_file_has_the_size_that_was_asked_for_even_where_it_must_be(
    talk: Path, tmp_path: Path, size: str, wanted: tuple[int, int]
) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "-b", "#00b140", "--size", size) == 0
    frames = read_rgb(out)
    assert {frame.shape for frame in frames} == {(wanted[1], wanted[0], 3)}
    assert read_times(out) == read_times(talk)
    if size == "200x60":  # as high as wide by 4 to 3, between bars
        assert frames[3][:, :55].max() < 20
        assert frames[3][:, 150:].max() < 20
        assert np.abs(frames[3][5:20, 62:70].mean(axis=(0, 1)) - GREEN).max() < 8


def test_the_matte_and_the_cutout_are_placed_like_the_person() -> None:
    place = {"background": {"place": "0.5,bottom,left"}}
    source = FakeSource([person(0)])
    matte = pictures(source, "matte", **place).pictures[0].image
    cutout = pictures(FakeSource([person(0)]), "cutout", **place).pictures[0].image
    np.testing.assert_array_equal(matte, cutout[..., 3])
    assert matte.max() == 255
    assert not matte[:60].any()
    assert not matte[:, 80:].any()


def test_high_dynamic_range_is_kept_by_all_of_it(tmp_path: Path) -> None:
    before = hdr_clip(tmp_path / "a.mkv", "smpte2084", np.full((8, 3), 40.0))
    after = tmp_path / "b.mp4"
    settings = {
        "output": {"hdr": "keep", "preset": "ultrafast", "size": "96x64", "rate": 50},
        "capture": {"rotate": 90, "mirror": True, "zoom": 1.2},
        "background": {"place": "0.5,bottom,left"},
        "model": {"name": "grabcut"},
    }
    u2cam.process(before, after, background="#ffffff", settings=settings)
    with av.open(str(after)) as media:
        frame = next(media.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        assert (frame.format.name, frame.width, frame.height) == ("yuv420p10le", 96, 64)


def test_the_options_mean_the_settings() -> None:
    line = "--mirror --rotate 90 --zoom 2 --crop 0,0,1,0.5 --size 80x --rate 25 --place 1,top,left"
    options = parse([*line.split(), "--width", "640", "--end", "3"]).options
    assert options == {
        "capture": {"mirror": True, "rotate": 90, "zoom": 2, "crop": "0,0,1,0.5", "width": 640},
        "output": {"size": "80x", "rate": 25},
        "background": {"place": "1,top,left"},
    }
    assert parse(["--flip"]).options == {"capture": {"flip": True}}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rotate", "45"], "--rotate"),
        (["--crop", "0,0,2,2,2"], "LEFT,TOP,WIDTH,HEIGHT"),
        (["--crop", "100,0,100,100"], "160x120"),
        (["--zoom", "0.5"], "capture.zoom"),
        (["--size", "huge"], "WIDTHxHEIGHT"),
        (["--rate", "0"], "output.rate"),
        (["--end", "0"], "not after the start"),
        (["--start", "2", "--end", "1"], "not after the start"),
        (["--place", "0.7"], "0.7,bottom,left"),
        (["--place", "0.7,bottom,left", "-b", "blur"], "new background only"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run("-i", talk, "-o", tmp_path / "out.mp4", *options) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "out.mp4").exists()


def test_a_single_image_has_no_rate_and_no_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import cv2

    picture, out = tmp_path / "me.png", tmp_path / "out.png"
    assert cv2.imwrite(str(picture), person(0))
    for option in ("--rate", "--end"):
        assert run("-i", picture, "-o", out, option, "5") == 2
        assert "single image" in capsys.readouterr().err
    assert run("-i", picture, "-o", out, "--set", "output.rate=60", "--size", "80x") == 0
    assert cv2.imread(str(out)).shape == (60, 80, 3)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("turned", [False, True])
def test_auto_turns_people_who_are_upside_down_and_nobody_else(turned: bool) -> None:
    with DemoSource((320, 180)) as demo:
        images = [demo.read().image for _ in range(9)]
    if turned:
        images = [np.ascontiguousarray(image[::-1, ::-1]) for image in images]
    results = [pictures_of(images, rotate) for rotate in ("auto", 180 if turned else 0)]
    assert len(results[0]) == len(results[1]) == 9
    for one, other in zip(*results, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 2


def pictures_of(images: list[np.ndarray], rotate: object) -> list[np.ndarray]:
    sink = FakeSink()
    settings = {"capture": {"rotate": rotate}, "model": {"name": "u2net_live", "device": "cpu"}}
    u2cam.process(FakeSource(images), sink, background="#00b140", settings=settings)
    return [picture.image for picture in sink.pictures]


def test_auto_is_refused_where_it_cannot_decide(tmp_path: Path, talk: Path) -> None:
    settings = {"capture": {"rotate": "auto"}}
    with pytest.raises(u2cam.UsageError, match="u2net_live can decide"):
        u2cam.process(talk, tmp_path / "out.mp4", model="grabcut", settings=settings)
    (tmp_path / "me.png").write_bytes(b"x")
    with pytest.raises(u2cam.UsageError, match="whole video"):
        u2cam.process(tmp_path / "me.png", tmp_path / "out.png", settings=settings)


def test_live_the_virtual_camera_has_the_size_and_rate_that_were_asked_for(
    talk: Path, tmp_path: Path
) -> None:
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    out = tmp_path / "out.mkv"
    options = [
        "--live",
        "--rotate",
        "90",
        "--mirror",
        "--size",
        "96x160",
        "--rate",
        "10",
        "--end",
        "0.5",
    ]
    backend = ["--set", "virtual_camera.backend=fake"]
    assert run("-i", talk, "-o", "virtual", "-o", out, "-b", "#00b140", *options, *backend) == 0
    (camera,) = FakeVirtualBackend.instances
    assert (camera.size_wh, camera.fps) == ((96, 160), 10)
    times = read_times(out)
    assert {b - a for a, b in pairwise(times)} <= {Fraction(1, 10)}
    assert {frame.shape for frame in read_rgb(out)} == {(160, 96, 3)}


def test_a_camera_that_is_turned_is_still_one_that_can_rest() -> None:
    settings = settled({"capture": {"mirror": True}, "output": {"on_demand": True}}, {})
    plan = plan_input("0", settings, end_s=5)
    sink = VirtualCameraSink(settings.virtual_camera)
    if sys.platform.startswith("linux"):
        assert build_on_demand(plan, [sink], settings) is not None
    assert isinstance(innermost(plan.source), CameraSource)
    assert plan.kind == "camera"
