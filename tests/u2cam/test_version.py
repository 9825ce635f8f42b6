"""`--version` tells what decides how the program works."""

import re
import tomllib
from pathlib import Path

import pytest

from u2cam.cli.main import main


def test_the_versions_of_what_matters_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code in (0, None)
    shown = capsys.readouterr()
    assert not shown.err
    first, *others = shown.out.splitlines()
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert first == f"u2cam {project['version']}"
    for name in (
        "Python",
        "torch",
        "openvino",
        "numba",
        "opencv-python",
        "av",
        r"FFmpeg \(in av\)",
    ):
        assert any(re.fullmatch(rf"  {name} \d\S*", line) for line in others), name


def test_versions_win_over_other_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["-i", "absent.mp4", "--version"])
    assert capsys.readouterr().out.startswith("u2cam ")
