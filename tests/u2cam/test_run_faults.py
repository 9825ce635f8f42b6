"""What goes wrong during a run: one clear line, the right exit code, nothing half-written."""

import _thread
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import pyvirtualcam

from tests.fakes import FakeVirtualBackend
from tests.media import Clip, Sound, read_times
from u2cam.cli.main import main
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.stages import retry_policy

pytestmark = pytest.mark.timeout(120)
ROOT = Path(__file__).resolve().parents[2]

DISK_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
from u2cam.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are POSIX")
@pytest.mark.parametrize("out", ["out.mp4", "out.mkv", "%03d.png"])
def test_offline_a_full_disk_ends_the_job_with_one_line_and_leaves_nothing(
    tmp_path: Path, out: str
) -> None:
    talk = Clip(size_wh=(320, 240), frames=60, sounds=[Sound(1.0)]).write(tmp_path / "talk.mp4")
    work = tmp_path / "work"
    work.mkdir()
    given = ["-i", str(talk), "-o", out, "-m", "grabcut", "-b", "none", "--raw-matte"]
    run = subprocess.run(
        [sys.executable, "-c", DISK_FULL, *given, "--set", "output.crf=0", "-q"],
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    lines = run.stderr.splitlines()
    assert (run.returncode, run.stdout) == (1, ""), run.stderr
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"u2cam: {out}: cannot be")
    assert list(work.iterdir()) == []


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_the_file_is_finished_loses_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Clip(size_wh=(160, 120), frames=30, sounds=[Sound(1.0)]).write(tmp_path / "talk.mp4")
    work = tmp_path / "work"
    work.mkdir()
    close, stop, noticed = FileSink.close, Pipeline.stop, threading.Event()

    def interrupted(sink: FileSink, *, failed: bool) -> None:
        _thread.interrupt_main()
        assert noticed.wait(60)
        close(sink, failed=failed)

    def stopped(run: Pipeline) -> None:
        stop(run)
        noticed.set()

    monkeypatch.setattr(Pipeline, "stop", stopped)

    monkeypatch.setattr(FileSink, "close", interrupted)
    code = main(["-i", str(talk), "-o", str(work / "out.mkv"), "-m", "grabcut", "-b", "none", "-q"])
    assert code == 130
    assert [path.name for path in work.iterdir()] == ["out.mkv"]
    assert len(read_times(work / "out.mkv")) == 30


@pytest.fixture
def virtual_camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeVirtualBackend]]:
    monkeypatch.setattr(retry_policy, "FIRST_PAUSE_S", 0.05)
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    yield FakeVirtualBackend
    FakeVirtualBackend.forget()
    del pyvirtualcam.camera.BACKENDS["fake"]


def test_live_a_virtual_camera_that_stays_away_ends_the_run_with_one_line(
    virtual_camera: type[FakeVirtualBackend],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    virtual_camera.fail_after = 5
    clip = Clip(frames=400, rate=Fraction(30)).write(tmp_path / "talk.mp4")
    given = ["-i", str(clip), "--live", "-m", "grabcut", "-q", "-b", "none"]
    settings = ["virtual_camera.backend=fake", "pipeline.sink_patience_s=0.5"]
    code = main([*given, *(word for setting in settings for word in ("--set", setting))])
    lines = capfd.readouterr().err.splitlines()
    assert code == 1
    assert len(lines) == 1, lines
    assert lines[0].startswith("u2cam: virtual camera: ")
    assert lines[0].endswith("given up after 0.5 s")
    assert all(camera.closed == 1 for camera in virtual_camera.instances)
