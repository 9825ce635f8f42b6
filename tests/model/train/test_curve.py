"""The picture of a run's log."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from u2cam.model.train.curve import draw
from u2cam.model.train.run_log import RunLog


def test_curve_shows_training_and_both_validations(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    log.write({"step": 1, "samples": 10, "phase": 0, "l1": 0.1})
    log.write({"step": 2, "samples": 20, "phase": 0, "val_mad_e3": 90.0})
    log.write({"step": 3, "samples": 40, "phase": 1, "val_mad_e3": 40.0})
    log.close()
    picture = ElementTree.fromstring(draw(tmp_path / "log.csv"))
    circles = picture.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 2
    assert float(circles[1].get("cy", 0)) > float(circles[0].get("cy", 0))  # Lower error, lower.


def test_log_without_training_is_refused(tmp_path: Path) -> None:
    RunLog(tmp_path).close()
    with pytest.raises(ValueError, match=r"log\.csv: no rows of training"):
        draw(tmp_path / "log.csv")


def test_resumed_log_drops_the_steps_that_are_done_again(tmp_path: Path) -> None:
    log = RunLog(tmp_path)
    for step in (50, 100, 150):
        log.write({"step": step, "samples": step, "phase": 0, "l1": 0.1})
    log.close()
    RunLog(tmp_path, from_step=100).close()
    rows = (tmp_path / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["step", "50", "100"]
