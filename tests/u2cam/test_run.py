"""The program end to end on media made here, with the fallback that needs no weights."""

import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvirtualcam

from tests.fakes import FakeMatter, FakeVirtualBackend
from tests.media import Clip, Sound, read_beeps, read_duration, read_rgb, read_times
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(120)
GREEN = (0, 177, 64)


def person(number: int, size_wh: tuple[int, int] = (160, 120)) -> np.ndarray:
    """A figure in a red shirt before a bluish wall."""
    image = np.full((size_wh[1], size_wh[0], 3), (60, 70, 160), np.uint8)
    middle = (80 + number % 3, 45)
    cv2.ellipse(image, (middle[0], 125), (45, 58), 0, 0, 360, (200, 40, 40), -1)
    cv2.ellipse(image, middle, (18, 26), 0, 0, 360, (220, 170, 140), -1)
    return image


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    clip = Clip(
        size_wh=(160, 120),
        frames=12,
        pts=[0, 1, 2, 3, 5, 6, 9, 10, 11, 12, 14, 15],
        draw=person,
        sounds=[Sound(length_s=0.7, beeps_s=[0.2])],
    )
    return clip.write(tmp_path / "talk.mp4")


def run(*argv: str | Path) -> int:
    return main([str(arg) for arg in (*argv, "-m", "grabcut")])


def test_a_file_becomes_a_file_with_new_background_same_times_and_sound(
    talk: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "-b", "#00b140") == 0
    assert read_times(out) == read_times(talk)
    assert abs(read_duration(out) - read_duration(talk)) <= Fraction(1, 25)
    assert read_beeps(out) == pytest.approx(read_beeps(talk), abs=0.002)
    for frame in read_rgb(out):
        corner = frame[:20, :20].reshape(-1, 3).mean(axis=0)
        assert np.abs(corner - GREEN).max() < 8
        face = frame[35:55, 75:88].reshape(-1, 3).mean(axis=0)
        assert np.abs(face - (220, 170, 140)).max() < 25


def test_every_output_gets_the_same_pictures(talk: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.mkv", tmp_path / "b.mp4"
    assert run("-i", talk, "-o", first, "-o", second, "-b", "red") == 0
    assert len(read_times(first)) == len(read_times(second)) == 12


def test_outputs_of_one_name_are_told_apart(talk: Path, tmp_path: Path) -> None:
    stats, names = tmp_path / "stats.json", ("a/out.mkv", "b/out.mkv")
    for name in names:
        (tmp_path / name).parent.mkdir()
    outs = [word for name in names for word in ("-o", tmp_path / name)]
    assert run("-i", talk, *outs, "--stats", stats) == 0
    facts = json.loads(stats.read_text())
    assert {"sink:out.mkv", "sink:out.mkv (2)"} <= facts["stages"].keys()
    assert [facts["outputs"][name]["pictures"] for name in ("out.mkv", "out.mkv (2)")] == [12, 12]


def test_the_same_input_gives_the_same_output(talk: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "a.mkv", tmp_path / "b.mkv"]
    for out in outs:
        assert run("-i", talk, "-o", out, "--view", "matte") == 0
    first, second = (read_rgb(out) for out in outs)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_picture_becomes_a_gray_matte_of_its_size(tmp_path: Path) -> None:
    image = tmp_path / "me.png"
    cv2.imwrite(str(image), person(0, (161, 121))[..., ::-1])
    out = tmp_path / "matte.png"
    assert run("-i", image, "-o", out, "--view", "matte", "--raw-matte") == 0
    matte = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert (matte.shape, matte.dtype) == ((121, 161), np.uint8)
    assert matte[45, 80] > 200
    assert matte[5, 5] < 30


def test_a_picture_of_one_pixel_works(tmp_path: Path) -> None:
    image, out = tmp_path / "dot.png", tmp_path / "out.png"
    cv2.imwrite(str(image), np.full((1, 1, 3), 99, np.uint8))
    assert run("-i", image, "-o", out, "-b", "red") == 0
    assert cv2.imread(str(out)).shape == (1, 1, 3)


def test_stats_tell_what_happened(talk: Path, tmp_path: Path) -> None:
    stats = tmp_path / "stats.json"
    assert run("-i", talk, "-o", "null", "--stats", stats, "--frames", "5") == 0
    facts = json.loads(stats.read_text())
    assert facts["frames"] == {"in": 5, "out": 5, "placeholder": 0, "dropped": {}}
    assert {"capture", "inference", "composite", "sink:null"} <= facts["stages"].keys()
    assert set(facts["stages"]["inference"]) == {"ms_mean", "ms_p95", "busy"}
    assert facts["latency_ms"].keys() == {"p50", "p95", "p99"}
    assert facts["outputs"]["null"]["pictures"] == 5
    assert facts["outputs"]["null"]["latency_ms"] == facts["latency_ms"]
    assert (facts["device"], facts["precision"]) == ("cpu", "n/a")
    assert facts["fps"] > 0
    assert "torch" in facts["versions"]


@pytest.mark.parametrize(("option", "wanted"), [("true", [5]), ("false", [])])
def test_at_a_cut_the_network_forgets_unless_cuts_are_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, wanted: list[int]
) -> None:
    def draw(number: int) -> np.ndarray:
        coarse = np.random.default_rng(number // 5).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        return np.asarray(cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC), np.uint8)

    clip = Clip(size_wh=(160, 120), draw=draw).write(tmp_path / "two.mp4")
    matter = FakeMatter()
    monkeypatch.setattr("u2cam.compositors.host_matter", lambda *given, **named: matter)
    assert run("-i", clip, "-o", "null", "--set", f"matte.scene_cuts={option}") == 0
    assert (matter.calls, matter.reset_before) == (10, wanted)


def test_start_and_frames_cut_picture_and_sound(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert run("-i", talk, "-o", out, "--start", "0.12", "--frames", "6") == 0
    times = read_times(out)
    assert len(times) == 6
    assert times[0] == 0
    assert read_beeps(out) == pytest.approx([0.08], abs=0.005)


def test_the_closing_line_names_model_and_device(
    talk: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("-i", talk, "-o", "null") == 0
    said = capfd.readouterr().out
    assert "12 frames" in said
    assert "fallback-grabcut" in said
    assert "cpu" in said


@pytest.fixture
def virtual_camera() -> type[FakeVirtualBackend]:
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    return FakeVirtualBackend


def test_live_a_file_keeps_its_rate_and_drops_are_told(
    virtual_camera: type[FakeVirtualBackend], tmp_path: Path
) -> None:
    clip = Clip(size_wh=(160, 120), frames=45, rate=Fraction(30), draw=person)
    path, stats = clip.write(tmp_path / "talk.mp4"), tmp_path / "stats.json"
    code = run("-i", path, "--live", "--set", "virtual_camera.backend=fake", "--stats", stats)
    facts = json.loads(stats.read_text())
    (camera,) = virtual_camera.instances
    assert code == 0
    assert camera.size_wh == (160, 120)
    rate = (len(camera.sent_at_s) - 1) / (camera.sent_at_s[-1] - camera.sent_at_s[0])
    assert rate == pytest.approx(30, rel=0.1)
    seen = facts["frames"]["in"] - sum(
        count for reasons in facts["frames"]["dropped"].values() for count in reasons.values()
    )
    assert 0 < seen <= facts["frames"]["out"]
    assert camera.closed == 1
