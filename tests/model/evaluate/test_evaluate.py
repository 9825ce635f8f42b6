"""The command, with a network that was never trained."""

import json
from pathlib import Path

import pytest
import torch

from u2cam.model.evaluate.__main__ import main
from u2cam.model.networks.u2net_live import U2NetLive


@pytest.fixture
def weights(tmp_path: Path) -> str:
    path = tmp_path / "u2net_live.pth"
    torch.save(U2NetLive().state_dict(), path)
    return str(path)


def test_the_suite_prints_tables_and_writes_numbers_and_pictures(
    data_folder: Path,
    weights: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from u2cam.model.evaluate import suite

    few = suite.Counts(1, 1, 1, 1, 1, 2)
    monkeypatch.setattr(suite.Suite, "__init__", _with_counts(suite.Suite.__init__, few))
    out = tmp_path / "out"
    command = ["--suite", "--data", str(data_folder), "--network", weights, "--threads", "1"]
    command += ["--split", "test", "--json", str(out / "r.json"), "--failures", str(out / "worst")]
    assert main(command) == 0
    results = json.loads((out / "r.json").read_text())
    assert results["split"] == "test"
    assert 0 < results["sets"]["all exact"]["u2net_live"]["mad"] < 1000
    assert len(results["sequences"]) == 5
    assert len(list((out / "worst").glob("*.jpg"))) == 1
    printed = capsys.readouterr().out
    assert "| photographs (1) | u2net_live |" in printed and "÷ motion" in printed


def _with_counts(init: object, counts: object) -> object:
    def wrapped(self: object, *given: object, **options: object) -> None:
        init(self, *given, **{**options, "counts": counts})  # type: ignore[operator]

    return wrapped


def test_a_folder_of_images_and_masks_is_measured(
    data_folder: Path, weights: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--folder", str(data_folder / "ccp"), "--network", weights, "--threads", "1"]
    assert main(command) == 0
    assert "| folder (3) | u2net_live |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--suite", "--data", "none"], "no scenes of the validation split"),
        (["--folder", "none"], "wanted folders images and masks"),
        (["--folder", "none", "--peers", "none"], "wanted rvm/rvm.py or .tflite networks"),
        (["--folder", "none", "--network", "u3net"], "not known"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["--suite"], ["--suite", "--folder", "x"]])
def test_the_command_needs_one_thing_to_measure_on(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "--suite" in capsys.readouterr().err
