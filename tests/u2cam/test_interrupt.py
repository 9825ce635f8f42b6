"""Ctrl-C and a closed terminal, on the real program in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.media import read_times
from u2cam.stream.sources.demo import DURATION_S

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process"),
]


def hear_interrupts() -> None:
    """Undo what a shell does to the jobs of a script that it starts with `&`: deaf to Ctrl-C.

    A process passes that on to those it starts, and the program leaves it so, as it should.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def take_terminal() -> None:
    """Make stdin the terminal of this process, as a terminal window does for what it starts."""
    import fcntl
    import termios

    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def start(*argv: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run_camera.py"), *map(str, argv)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
    )


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    deadline_s = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < 2000:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_ctrl_c_finishes_the_file_so_that_it_plays(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = start("-i", "demo", "-o", out, "-m", "grabcut", "--set", "output.preset=ultrafast")
    wait_for(tmp_path / ".out.mp4.part", process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert len(read_times(out)) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize(("live", "code"), [("--live", 0), ("--offline", 130)])
def test_closing_the_terminal_ends_the_run_and_finishes_the_file(
    tmp_path: Path, live: str, code: int
) -> None:
    out = tmp_path / "out.mkv"
    ours, theirs = os.openpty()
    argv = ["-i", "demo", live, "-o", str(out), "-m", "grabcut", "--set", "output.preset=ultrafast"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run_camera.py"), *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(theirs)
    try:
        wait_for(tmp_path / ".out.mkv.part", process)
        os.close(ours)
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert 0 <= read_times(out)[-1] < DURATION_S - 1, "it ran to the end of the demo"
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


HELD_UP = """
import sys, time
from u2cam.cli import entry
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.video import FileSink

def hold_up(sink, *, failed):
    print("finishing", flush=True)
    time.sleep(100)

def stopped(run, stop=Pipeline.stop):
    stop(run)
    print("stopped", flush=True)

FileSink.close = ImageSink.close = hold_up
Pipeline.stop = stopped
entry.main()
"""
"""The program, whose files take very long to finish."""


@pytest.mark.parametrize("out", ["out.mp4", "%03d.png"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_leaves_no_half_file(
    tmp_path: Path, out: str, number: signal.Signals
) -> None:
    argv = ["-i", "demo", "-o", out, "-m", "grabcut", "--frames", "3", "-b", "none"]
    process = subprocess.Popen(
        [sys.executable, "-c", HELD_UP, *argv],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
    )
    try:
        assert process.stdout is not None
        for line in ("finishing\n", "stopped\n"):
            assert process.stdout.readline() == line
            assert [path.name for path in tmp_path.iterdir()] == [f".{out}.part"]
            process.send_signal(number)
        said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, *said) == (
        130,
        "",
        f"u2cam: stopped at once; not finished: {out}\n",
    )
    assert list(tmp_path.iterdir()) == []
