"""The log of a run."""

from pathlib import Path

from u2cam.model.train.run_log import RunLog
from u2cam.model.train.validation import Score


def test_resumed_log_drops_the_steps_that_are_done_again(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    for step in (50, 100, 150):
        log.write({"step": step, "samples": step, "phase": 0, "l1": 0.1})
    log.close()
    RunLog(tmp_path, from_step=100).close()
    rows = (tmp_path / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "50", "100"]


def test_a_validation_without_a_part_leaves_its_column_empty(tmp_path: Path) -> None:
    log = RunLog(tmp_path)

    class Run:
        step, samples, elapsed_s, phase = 7, 70, 60.0, 1

        def learning_rate(self) -> float:
            return 0.1

        def progress(self) -> float:
            return 0.5

    log.validation(Run(), Score(1.5, float("nan"), 2.0), 288)
    log.close()
    header, row = (line.split(",") for line in (tmp_path / "log.csv").read_text().splitlines())
    values = dict(zip(header, row, strict=True))
    assert (values["val"], values["val_mad"], values["val_core"]) == ("1.5", "1.5", "")
