"""A short run of `bench/soak.py`; the long one is for a quiet machine."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(150)
def test_three_simulated_minutes_of_faults_are_survived() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench.soak", "--minutes", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 raw frames" in run.stdout
