"""A live recording outlives a full disk and a program that is killed."""

import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media import read_times
from tests.second_reader import decodes_cleanly, ffprobe_stream
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.growing_file import SYNC_S, GrowingFile
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
SIZE_WH, RATE, TIME_BASE = (64, 48), Fraction(30), Fraction(1, 1000)
LIVE = SourceInfo("camera 0", SIZE_WH, RATE, True, TIME_BASE)
FORMAT = PictureFormat(SIZE_WH, RATE, TIME_BASE, "rgb", LIVE)
ENDINGS = ["mp4", "mov", "mkv", "webm"]


def picture(number: int) -> Picture:
    image = np.random.default_rng(number).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    return Picture(image, number * 1000 // 30, TIME_BASE, 0.0)


def record(path: Path, count: int) -> FileSink:
    sink = FileSink(path, OutputSettings(preset="ultrafast"))
    sink.open(FORMAT)
    for number in range(count):
        sink.write(picture(number))
    return sink


def main(path: str, count: str, limit_bytes: str) -> None:
    """What the killed program does; runs in a process of its own."""
    if int(limit_bytes):
        import resource  # not on Windows

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit_bytes), int(limit_bytes)))
    try:
        sink = record(Path(path), int(count))
    except SinkError as error:
        print(error, flush=True)
        sys.exit(3)
    if int(limit_bytes):
        sink.close(failed=False)
    signal.raise_signal(signal.SIGKILL)


def in_a_process(path: Path, count: int, limit_bytes: int = 0) -> subprocess.CompletedProcess[str]:
    code = "import sys; from tests.stream.sinks.test_recording import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", code, str(path), str(count), str(limit_bytes)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@posix
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_killed_program_loses_a_second(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    assert in_a_process(path, 120).returncode == -signal.SIGKILL
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    times = read_times(path)
    assert len(times) >= 90  # of 120, at 30 a second
    assert times[0] <= Fraction(1, 10)
    assert ffprobe_stream(path, "video")["width"] == SIZE_WH[0]


@posix
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_full_disk_leaves_what_was_recorded(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    sink = record(path, 40)
    sink.close(failed=False)
    limit = 2 * path.stat().st_size
    path.unlink()
    done = in_a_process(path, 200, limit)
    assert done.returncode == 3, done.stderr
    assert "cannot be written (File too large)" in done.stdout
    times = read_times(path if path.exists() else next(tmp_path.iterdir()))
    assert len(times) >= 40


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_recording_that_ends_well_is_an_ordinary_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    record(path, 90).close(failed=False)
    assert len(read_times(path)) == 90
    assert read_times(path)[0] == 0
    found = ffprobe_stream(path, "video")
    if ending in ("mp4", "mov"):
        assert found["nb_frames"] == "90"
        assert float(found["duration"]) == pytest.approx(3, abs=0.04)
    assert decodes_cleanly(path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_recording_of_a_failed_run_is_kept(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", 20).close(failed=True)
    assert len(read_times(tmp_path / "a.mp4")) == 20


def test_a_recording_without_pictures_leaves_nothing(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4", 0).close(failed=False)
    assert not list(tmp_path.iterdir())


def test_a_recording_has_its_name_after_a_second(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"older")
    sink = record(tmp_path / "a.mp4", 20)
    assert (tmp_path / "a.mp4").read_bytes() == b"older"
    for number in range(20, 40):
        sink.write(picture(number))
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]
    sink.close(failed=False)
    assert len(read_times(tmp_path / "a.mp4")) == 40


def test_data_goes_to_the_disk_once_a_second(tmp_path: Path) -> None:
    now_s, synced = [0.0], []
    file = GrowingFile(tmp_path / "a", lambda: now_s[0], synced.append)
    for _ in range(40):
        now_s[0] += 0.1
        file.write(b"x")
        while file._running is not None and not file._running.done():
            pass
    assert 3 <= len(synced) <= 4 / SYNC_S
    file.close()
    assert (tmp_path / "a").read_bytes() == 40 * b"x"


def test_after_a_failure_nothing_more_is_written(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "a")
    file.write(b"good")
    file._file.close()
    with pytest.raises(ValueError, match="closed"):
        file.write(b"bad")
    file.failed = OSError("full")
    assert file.write(b"end") == 3
    file._pool.shutdown()
    assert (tmp_path / "a").read_bytes() == b"good"
