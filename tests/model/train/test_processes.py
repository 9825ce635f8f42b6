"""A run in two processes, as the command starts it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from u2cam.model.train import checkpoint

ROOT = Path(__file__).resolve().parents[3]


RECIPE = """
bf16 = false
[[phases]]
sizes_wh = [[32, 32]]
batch_size = 8
share = 1.0
clip_every = 100000000
"""


def command(data_folder: Path, run: Path, steps: int) -> list[str]:
    run.mkdir(exist_ok=True)
    (run / "small.toml").write_text(RECIPE)
    arguments = [sys.executable, "-m", "u2cam.model.train", "--data", str(data_folder)]
    arguments += ["--recipe", str(run / "small.toml"), "--set", f"steps={steps}"]
    arguments += ["--set", "validation_stills=6", "--run", str(run)]
    return [*arguments, "--processes", "2", "--threads", "1", "--workers", "0"]


def test_two_processes_share_the_work_and_write_one_checkpoint(
    tmp_path: Path, data_folder: Path
) -> None:
    result = subprocess.run(
        command(data_folder, tmp_path, 2), cwd=ROOT, capture_output=True, text=True, timeout=55
    )
    assert result.returncode == 0, result.stderr
    state = checkpoint.load(tmp_path / "last.pt")
    assert (state["step"], state["samples"]) == (2, 16)
    assert "in each of 2 processes" in result.stdout


def test_no_process_goes_on_training_when_a_run_in_the_background_is_stopped(
    tmp_path: Path, data_folder: Path
) -> None:
    # As a shell starts what ends with `&`: without SIGINT.
    arguments = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    arguments += command(data_folder, tmp_path, 100_000)
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            assert run.stdout is not None
            assert any("in each of 2 processes" in line for line in run.stdout)
            run.terminate()
            # Whoever is left has the other end of this.
            run.communicate(timeout=20)
        except BaseException:
            os.killpg(run.pid, signal.SIGKILL)
            raise
