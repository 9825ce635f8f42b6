"""A percent sign in the name of a file is a letter like others, unless it numbers pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import Clip, read_times, scene
from u2cam.cli.main import main

SIZE_WH = (64, 48)


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*argv: str) -> int:
    return main([*argv, "-m", "grabcut", "-q"])


def write_picture(name: str, number: int = 0) -> None:
    cv2.imwrite(name, scene(number, SIZE_WH))


@pytest.mark.parametrize("name", ["100% done.mp4", "take%03d.mkv", "5%d.mov"])
def test_a_video_is_read_and_written(tmp_path: Path, name: str) -> None:
    Clip(frames=3).write(tmp_path / name)
    assert run("-i", name, "-o", f"new {name}", "-b", "blur") == 0
    assert len(read_times(tmp_path / f"new {name}")) == 3


@pytest.mark.parametrize("name", ["100% done.png", "picture%d.png", "100%%d.png"])
def test_a_picture_is_read_and_written(tmp_path: Path, name: str) -> None:
    write_picture(name)
    write_picture("out%d.png")  # is there: written over, not a pattern
    before = Path("out%d.png").read_bytes()
    assert run("-i", name, "-o", "out%d.png", "-o", "50% out.png", "-b", "red") == 0
    assert Path("out%d.png").read_bytes() != before
    assert Path("50% out.png").read_bytes() == Path("out%d.png").read_bytes()


def test_numbered_pictures_become_numbered_pictures(tmp_path: Path) -> None:
    for number in (8, 9, 10):
        write_picture(f"in{number}.png", number)
    assert run("-i", "in%d.png", "-o", "out%02d.png", "-b", "red") == 0
    assert sorted(p.name for p in tmp_path.glob("out*")) == ["out01.png", "out02.png", "out03.png"]


@pytest.mark.parametrize("name", ["100% done.png", "wall%d.png", "wall%02d.gif", "100% done.mp4"])
def test_a_background_is_read(tmp_path: Path, name: str) -> None:
    if name.endswith(".png"):
        write_picture(name)
    else:
        Clip(frames=3).write(tmp_path / "clip.mp4")
        assert run("-i", "clip.mp4", "-o", name, "-b", "none") == 0
    cv2.imwrite("in.png", np.zeros((48, 64, 3), np.uint8))
    assert run("-i", "in.png", "-o", "out.png", "-b", name) == 0


def test_a_missing_file_with_a_percent_sign_is_said_to_be_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("-i", "100% done.mp4", "-o", "out.mp4") == 2
    assert "100% done.mp4: no such file" in capsys.readouterr().err
