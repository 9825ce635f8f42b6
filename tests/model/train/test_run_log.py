"""The log of a run."""

from pathlib import Path

from u2cam.model.train.run_log import RunLog


def test_resumed_log_drops_the_steps_that_are_done_again(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    for step in (50, 100, 150):
        log.write({"step": step, "samples": step, "phase": 0, "l1": 0.1})
    log.close()
    RunLog(tmp_path, from_step=100).close()
    rows = (tmp_path / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "50", "100"]
