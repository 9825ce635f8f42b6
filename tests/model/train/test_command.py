"""`python -m u2cam.model.train`, from its words to its file."""

from pathlib import Path

import numpy as np
import pytest

from u2cam.model.registry import find_spec
from u2cam.model.train import checkpoint
from u2cam.model.train.__main__ import main
from u2cam.model.weights import load_network

SMALL = """
steps = 2
[[phases]]
sizes_wh = [[32, 32]]
batch_size = 4
share = 1.0
clips = 2
"""


@pytest.fixture
def recipe(tmp_path: Path) -> list[str]:
    """The options of a small run."""
    (tmp_path / "small.toml").write_text(SMALL)
    return [
        *("--recipe", str(tmp_path / "small.toml"), "--workers", "0", "--threads", "1"),
        *("--set", "validation_stills=6", "--run", str(tmp_path / "run")),
    ]


def test_one_command_trains_goes_on_and_ends_in_the_file_to_ship(
    tmp_path: Path, data_folder: Path, recipe: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*recipe, "--data", str(data_folder)]
    assert main(command) == 0
    shipped = tmp_path / "run" / "u2net_live.pth"
    load_network(find_spec("u2net_live"), shipped)
    shipped.unlink()
    assert main(command) == 0  # All is done but the last stage.
    assert shipped.is_file() and checkpoint.load(tmp_path / "run/last.pt")["step"] == 2
    assert main([*command, "--set", "steps=3"]) == 2
    output = capsys.readouterr()
    assert "training on keyed 2, rendered 2, rendered_clips 1, ccp 2" in output.out
    assert "images/s in each of 1 processes" in output.out and "sha256" in output.out
    assert "another recipe (steps differs)" in output.err


def test_a_pack_takes_the_place_of_the_data_folder(
    tmp_path: Path, data_folder: Path, recipe: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    pack = str(tmp_path / "data.pack")
    assert main([*recipe, "--data", str(data_folder), "--pack", pack, "--pack-mb", "1"]) == 0
    assert "0.1 MB" in capsys.readouterr().out
    assert main([*recipe, "--packed", pack]) == 0
    assert "training on keyed 2, rendered 2, rendered_clips 1" in capsys.readouterr().out


def test_the_command_labels_first_where_asked_to(
    tmp_path: Path, data_folder: Path, recipe: list[str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def teacher(rgb: np.ndarray) -> np.ndarray:
        return np.asarray(rgb[..., 0] > 100, np.float32)

    monkeypatch.setattr("u2cam.model.train.__main__.open_teachers", lambda names: [teacher])
    labels = tmp_path / "labels"
    labels.mkdir()
    command = [*recipe, "--data", str(data_folder), "--source", f"labels={labels}"]
    photos = str(data_folder / "humanseg" / "images")
    assert main([*command, "--teacher", "any", "--unlabelled", photos]) == 0
    assert (labels / "0007.core.png").is_file()
    assert "labels 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--teacher", "u2netp"), "--teacher labels what --unlabelled names: give both"),
        (("--source", "horses=x"), "no set 'horses'; choose from keyed"),
        (("--source", "keyed=none"), "--source keyed=none: no such folder"),
        (("--set", "learning_rate=-1"), "learning_rate: Input should be greater than 0"),
        (("--packed", "none"), "--packed none: no such file"),
        (("--recipe", "none"), "--recipe none: no such recipe; give ablations, live"),
        (("--data", "none"), "none: no people of the train split"),
    ],
)
def test_command_reports_mistakes_in_one_line(
    options: tuple[str, ...],
    message: str,
    recipe: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*recipe, *options]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_command_without_a_place_to_write_to_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--data", "d"])
    assert "give --run FOLDER" in capsys.readouterr().err
