"""Ctrl-C, on the real program in a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.media import read_times

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
    begin_s = time.monotonic()
    _, said = process.communicate(timeout=60)
    # A second for the run itself, which `test_pipeline` holds it to, and one for the process's end.
    assert time.monotonic() - begin_s < 2
    assert process.returncode == 130
    assert "Traceback" not in said
    assert len(read_times(out)) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
