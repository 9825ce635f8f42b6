import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import (
    Clip,
    pass_through,
    read_duration,
    read_number,
    read_rgb,
    read_times,
    scene,
)
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import CONTAINERS, check_output
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo
from u2cam.stream.sources.video import FileSource

ROOT = Path(__file__).resolve().parents[3]
SIZE_WH = (64, 48)
MS = Fraction(1, 1000)
LOSSLESS = OutputSettings(crf=0, preset="ultrafast")
QUICK = OutputSettings(preset="ultrafast")


def picture_format(
    size_wh: tuple[int, int] = SIZE_WH, kind: str = "rgb", source: SourceInfo | None = None
) -> PictureFormat:
    return PictureFormat(size_wh, Fraction(25), MS, kind, source)  # type: ignore[arg-type]


def write(
    path: Path,
    pts: list[int],
    settings: OutputSettings = QUICK,
    size_wh: tuple[int, int] = SIZE_WH,
    kind: str = "rgb",
    source: SourceInfo | None = None,
) -> None:
    sink = FileSink(path, settings)
    sink.open(picture_format(size_wh, kind, source))
    for number, stamp in enumerate(pts):
        image = scene(number, size_wh)
        sink.write(Picture(image if kind == "rgb" else image[..., 1], stamp, MS, 0.0))
    sink.close(failed=False)


def left_behind(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# Time


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm"])
def test_every_picture_keeps_its_time(tmp_path: Path, ending: str) -> None:
    pts = [0, 40, 50, 150, 151, 400, 433, 1000]
    write(tmp_path / f"a.{ending}", pts)
    assert [time * 1000 for time in read_times(tmp_path / f"a.{ending}")] == pts


def test_gif_keeps_times_to_its_hundredths(tmp_path: Path) -> None:
    write(tmp_path / "a.gif", [0, 40, 120, 200])
    assert [time * 1000 for time in read_times(tmp_path / "a.gif")] == [0, 40, 120, 200]
    assert read_duration(tmp_path / "a.gif") == Fraction(24, 100)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
@pytest.mark.parametrize("bframes", [0, 3])
def test_variable_rate_comes_through_from_file_to_file(
    tmp_path: Path, ending: str, bframes: int
) -> None:
    pts = [0, 1000, 3100, 3200, 9000, 9001, 20_000, 29_000, 31_000, 40_000]
    options = {"crf": "0", "preset": "ultrafast", "bf": str(bframes)}
    clip = Clip(frames=10, pts=pts, time_base=Fraction(1, 30_000), options=options)
    before, after = clip.write(tmp_path / "a.mp4"), tmp_path / f"b.{ending}"
    pass_through(before, after, OutputSettings(preset="medium"))
    resolution = Fraction(1, 1000) if ending == "mkv" else Fraction(0)
    for one, other in zip(read_times(before), read_times(after), strict=True):
        assert abs(one - other) <= resolution / 2
    # MP4 with B-frames ends a track by decoding times, which is right to a part of a frame.
    assert abs(read_duration(before) - read_duration(after)) < Fraction(1, 25)


def test_the_last_picture_lasts_as_long_as_it_did(tmp_path: Path) -> None:
    clip = Clip(frames=3, pts=[0, 5, 10], time_base=Fraction(1, 100), rate=Fraction(2))
    before = clip.write(tmp_path / "a.mp4")
    assert read_duration(before) == Fraction(60, 100)
    pass_through(before, tmp_path / "b.mp4")
    assert read_duration(tmp_path / "b.mp4") == Fraction(60, 100)


def test_a_late_start_stays_late(tmp_path: Path) -> None:
    clip = Clip(frames=3, pts=[10, 11, 12])
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    assert read_times(tmp_path / "b.mp4")[0] == Fraction(10, 25)


def test_a_live_recording_starts_at_0(tmp_path: Path) -> None:
    camera = SourceInfo("camera 0", SIZE_WH, Fraction(25), True, MS)
    write(tmp_path / "a.mp4", [5000, 5040, 5080], source=camera)
    assert read_times(tmp_path / "a.mp4") == [0, Fraction(40, 1000), Fraction(80, 1000)]


# Size


@pytest.mark.parametrize("ending", list(CONTAINERS))
@pytest.mark.parametrize("size_wh", [(1, 1), (1, 9), (33, 17)])
def test_odd_sizes_keep_every_pixel(tmp_path: Path, ending: str, size_wh: tuple[int, int]) -> None:
    write(tmp_path / f"a{ending}", [0, 40], size_wh=size_wh)
    image = read_rgb(tmp_path / f"a{ending}")[0]
    even = ending in (".mp4", ".mkv", ".mov")
    width, height = (size_wh[0] + even * (size_wh[0] % 2), size_wh[1] + even * (size_wh[1] % 2))
    assert image.shape == (height, width, 3)


def test_the_added_column_repeats_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [0], LOSSLESS, size_wh=(33, 17))
    image = read_rgb(tmp_path / "a.mp4")[0].astype(int)
    assert np.abs(image[:, 33] - image[:, 32]).max() <= 8
    assert np.abs(image[:17, :33] - scene(0, (33, 17))).mean() < 8


def test_8k_works(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.mp4", QUICK)
    sink.open(picture_format((7680, 4320)))
    sink.write(Picture(np.full((4320, 7680, 3), 90, np.uint8), 0, MS, 0.0))
    sink.close(failed=False)
    with av.open(str(tmp_path / "a.mp4")) as media:
        assert (media.streams.video[0].width, media.streams.video[0].height) == (7680, 4320)


# Settings


def codec_of(path: Path) -> str:
    with av.open(str(path)) as media:
        return media.streams.video[0].codec_context.name


@pytest.mark.parametrize(
    ("ending", "codec", "written"),
    [
        ("mp4", "auto", "h264"),
        ("webm", "auto", "vp9"),
        ("mp4", "libx265", "hevc"),
        ("mkv", "ffv1", "ffv1"),
        ("mkv", "libsvtav1", "libdav1d"),
        ("mp4", "mpeg4", "mpeg4"),
    ],
)
def test_the_codec_is_the_one_asked_for(
    tmp_path: Path, ending: str, codec: str, written: str
) -> None:
    write(tmp_path / f"a.{ending}", [0, 40, 80], OutputSettings(codec=codec))
    assert codec_of(tmp_path / f"a.{ending}") == written
    assert [read_number(image) for image in read_rgb(tmp_path / f"a.{ending}")] == [0, 1, 2]


def test_quality_is_the_one_asked_for(tmp_path: Path) -> None:
    pts = list(range(0, 400, 40))
    write(tmp_path / "good.mp4", pts, OutputSettings(crf=10), size_wh=(320, 240))
    write(tmp_path / "bad.mp4", pts, OutputSettings(crf=45), size_wh=(320, 240))
    assert (tmp_path / "good.mp4").stat().st_size > 2 * (tmp_path / "bad.mp4").stat().st_size


def test_mp4_can_be_played_while_it_loads(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [0, 40])
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


# Mattes


def test_a_matte_in_matroska_is_lossless_gray(tmp_path: Path) -> None:
    write(tmp_path / "a.mkv", [0, 40], kind="gray")
    with av.open(str(tmp_path / "a.mkv")) as media:
        context = media.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("ffv1", "gray")
        frames = [frame.to_ndarray() for frame in media.decode(video=0)]
    for number, frame in enumerate(frames):
        assert np.array_equal(frame, scene(number, SIZE_WH)[..., 1])


@pytest.mark.parametrize("ending", ["mp4", "mov", "webm"])
def test_a_matte_elsewhere_is_gray_to_the_eye(tmp_path: Path, ending: str) -> None:
    write(tmp_path / f"a.{ending}", [0, 40], LOSSLESS, kind="gray")
    for number, image in enumerate(read_rgb(tmp_path / f"a.{ending}")):
        assert np.ptp(image.astype(int), axis=2).max() <= 3
        assert np.abs(image[..., 1].astype(int) - scene(number, SIZE_WH)[..., 1]).max() <= 3


# What a user gets wrong


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.mp4x", "a.mp3"])
def test_an_unknown_ending_is_refused_with_the_list(tmp_path: Path, name: str) -> None:
    for refuse in (check_output, lambda path: FileSink(path, QUICK).open(picture_format())):
        with pytest.raises(ValueError, match=r"\.gif .*\.mkv .*\.mp4") as caught:
            refuse(tmp_path / name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("absent/a.mp4", FileNotFoundError, "does not exist"),
        ("file/a.mp4", NotADirectoryError, "is not a folder"),
        ("folder.mp4", IsADirectoryError, "is a folder"),
        ("absent/a.png", FileNotFoundError, "does not exist"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_the_run(
    tmp_path: Path, name: str, error: type[OSError], says: str
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("")
    before = left_behind(tmp_path)
    with pytest.raises(error, match=says):
        check_output(tmp_path / name)
    if name.endswith(".mp4"):
        with pytest.raises(SinkError, match=says):
            FileSink(tmp_path / name, QUICK).open(picture_format())
    assert left_behind(tmp_path) == before


def test_a_folder_without_permission_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # root may write anywhere, so the system's answer is made up
    monkeypatch.setattr("u2cam.stream.sinks.containers.os.access", lambda *_: False)
    for name in ("a.mp4", "a.png"):
        with pytest.raises(PermissionError, match="no permission"):
            check_output(tmp_path / name)


@pytest.mark.parametrize("codec", ["nonsense", "aac", "h264_decoder"])
def test_an_unknown_codec_is_refused(tmp_path: Path, codec: str) -> None:
    with pytest.raises(ValueError, match=r"output\.codec"):
        check_output(tmp_path / "a.mp4", settings=OutputSettings(codec=codec))


def test_a_codec_that_the_container_does_not_hold_is_refused(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.webm", OutputSettings(codec="libx264"))
    with pytest.raises(SinkError, match="webm"):
        sink.open(picture_format())
    assert left_behind(tmp_path) == []


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    before = Clip(frames=2).write(tmp_path / "a.mp4")
    data = before.read_bytes()
    with pytest.raises(SinkError, match="is the input"):
        pass_through(before, before)
    assert before.read_bytes() == data


def test_a_name_that_looks_like_a_protocol_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("http:b é %d.mkv"), [0])
    assert left_behind(tmp_path) == ["http:b é %d.mkv"]


# Long runs


def test_memory_stays_flat(shared_dir: Path, tmp_path: Path) -> None:
    resident = Path("/proc/self/statm")
    if not resident.exists():
        pytest.skip("needs /proc")
    used_mb = []
    with FileSource(str(shared_dir / "clips" / "talk_d6.mp4"), max_frames=400) as source:
        info = source.info
        sink = FileSink(tmp_path / "b.mp4", QUICK)
        sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
        for _ in range(400):
            frame = source.read()
            sink.write(Picture(frame.image, frame.pts, frame.time_base, 0.0))
            used_mb.append(int(resident.read_text().split()[1]) * 4096 / 2**20)
        sink.close(failed=False)
    # One frame is 0.7 MB: keeping every tenth would show.
    assert max(used_mb[350:]) - max(used_mb[150:200]) < 10


def test_no_log_of_a_good_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    before = Clip(frames=3).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / "b.mp4")
    assert not caplog.records
