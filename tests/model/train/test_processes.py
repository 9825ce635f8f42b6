"""A run in two processes, as the command starts it."""

import subprocess
import sys
from pathlib import Path

from model.train import checkpoint

ROOT = Path(__file__).resolve().parents[3]


def test_two_processes_share_the_work_and_write_one_checkpoint(
    tmp_path: Path, data_folder: Path
) -> None:
    command = [sys.executable, "-m", "model.train", "--data", str(data_folder)]
    command += ["--run", str(tmp_path), "--steps", "2", "--processes", "2", "--threads", "1"]
    command += ["--workers", "0", "--phase", "32x32:8:1.0", "--amp", "off"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55)
    assert result.returncode == 0, result.stderr
    state = checkpoint.load(tmp_path / "last.pt")
    assert (state["step"], state["samples"]) == (2, 16)
    assert "in each of 2 processes" in result.stdout
