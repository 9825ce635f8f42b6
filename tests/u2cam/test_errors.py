"""Mistakes a user will make: one clear line on stderr, exit code 2, nothing written."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import Clip, Sound, truncate
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one of each: clip.mp4, sound.mp4, empty.mp4, text.mp4, picture.png."""
    Clip(frames=5).write(tmp_path / "clip.mp4")
    Clip(frames=0, sounds=[Sound()]).write(tmp_path / "sound.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a film\n" * 100)
    cv2.imwrite(str(tmp_path / "picture.png"), np.full((36, 64, 3), 128, np.uint8))
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((2, 9000, 3), np.uint8))
    (tmp_path / "no_model.pth").write_bytes(b"\x00" * 100)
    return tmp_path


MISTAKES = {
    "missing input": (["-i", "gone.mp4", "-o", "out.mp4"], "gone.mp4"),
    "empty file": (["-i", "empty.mp4", "-o", "out.mp4"], "empty.mp4"),
    "foreign file": (["-i", "text.mp4", "-o", "out.mp4"], "text.mp4"),
    "sound only": (["-i", "sound.mp4", "-o", "out.mp4"], "sound.mp4"),
    "no output": (["-i", "clip.mp4"], "-o out.mp4"),
    "output folder missing": (["-i", "clip.mp4", "-o", "gone/out.mp4"], "gone"),
    "output is a folder": (["-i", "clip.mp4", "-o", "folder.mp4"], "folder.mp4"),
    "unknown ending": (["-i", "clip.mp4", "-o", "out.xyz"], ".mp4"),
    "output is the input": (["-i", "clip.mp4", "-o", "clip.mp4"], "input itself"),
    "output twice": (["-i", "clip.mp4", "-o", "out.mp4", "-o", "out.mp4"], "twice"),
    "unknown background": (["-i", "clip.mp4", "-o", "out.mp4", "-b", "studoi"], "studio"),
    "background missing": (["-i", "clip.mp4", "-o", "out.mp4", "-b", "gone.jpg"], "gone.jpg"),
    "model as background": (["-i", "clip.mp4", "-o", "out.mp4", "-b", "no_model.pth"], "no_model"),
    "unknown model": (["-i", "clip.mp4", "-o", "out.mp4", "-m", "u2nett"], "u2net"),
    "picture as model": (["-i", "clip.mp4", "-o", "out.mp4", "-m", "picture.png"], "picture.png"),
    "foreign model": (["-i", "clip.mp4", "-o", "out.mp4", "-m", "no_model.pth"], "no_model.pth"),
    "model as picture": (["-i", "no_model.pth", "-o", "out.mp4"], "no_model.pth"),
    "no such device": (["-i", "clip.mp4", "-o", "out.mp4", "--device", "cuda:99"], "cuda:99"),
    "misspelled device": (["-i", "clip.mp4", "-o", "out.mp4", "--device", "gpu"], "gpu"),
    "misspelled key": (["-i", "clip.mp4", "-o", "out.mp4", "--set", "matte.lo=0"], "matte.low"),
    "missing config": (["-i", "clip.mp4", "-o", "out.mp4", "--config", "no.toml"], "no.toml"),
    "start on a camera": (["-i", "0", "--start", "3"], "--start"),
    "width of a file": (["-i", "clip.mp4", "-o", "out.mp4", "--width", "9"], "--width"),
    "live picture": (["-i", "picture.png", "-o", "out.png", "--live"], "--live"),
    "no camera there": (["-i", "97", "-o", "null"], "camera"),
    "alpha into mp4": (["-i", "clip.mp4", "-o", "out.mp4", "--view", "cutout"], ".mov"),
    "video too large": (
        ["-i", "clip.mp4", "-o", "out.mp4", "--set", "limits.max_width=50"],
        "limits.max_width",
    ),
    "video too long": (
        ["-i", "clip.mp4", "-o", "out.mp4", "--set", "limits.max_hours=0.00001"],
        "limits.max_hours",
    ),
    "image too large": (
        ["-i", "picture.png", "-o", "out.png", "--set", "limits.max_megapixels=0.001"],
        "limits.max_megapixels",
    ),
    "background too large": (
        ["-i", "clip.mp4", "-o", "out.mp4", "-b", "wide.png"],
        "wide.png: 9000x2 is more than limits.max_width",
    ),
    "a video as a picture": (["-i", "clip.mp4", "-o", "out.png"], "out.png: holds one picture"),
    "a picture beside a video": (
        ["-i", "clip.mp4", "-o", "out.mp4", "-o", "out.png"],
        "write out_%05d.png for all",
    ),
    "the demo as a picture": (["-i", "demo", "-o", "out.jpg"], "out.jpg: holds one picture"),
    "hardware for a picture": (
        ["-i", "picture.png", "-o", "out.png", "--hw-decode", "nvdec"],
        "--hw-decode nvdec",
    ),
    "unknown hardware": (["-i", "clip.mp4", "-o", "out.mp4", "--hw-decode", "gpu"], "'nvdec'"),
    "stats folder missing": (
        ["-i", "clip.mp4", "-o", "out.mp4", "--stats", "no/s.json"],
        "--stats",
    ),
}


@pytest.mark.parametrize(("argv", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_and_exit_code_2_and_nothing_is_written(
    argv: list[str], expected: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "folder.mp4").mkdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    code = main(argv)
    said = capfd.readouterr()
    lines = [line for line in said.err.splitlines() if "fallback" not in line]
    assert (code, said.out) == (2, "")
    assert len(lines) == 1, lines
    assert lines[0].startswith("u2cam: ")
    assert expected in lines[0]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_an_unwritable_folder_is_told(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0o500)
    assert main(["-i", "clip.mp4", "-o", "locked/out.mp4"]) == 2
    assert "permission" in capfd.readouterr().err


def test_a_damaged_file_without_a_frame_fails_and_writes_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # The index at the end survives a hole in the pictures only in part; without it nothing opens.
    truncate(folder / "clip.mp4", 0.5)
    assert main(["-i", "clip.mp4", "-o", "out.mp4", "-m", "grabcut"]) in (1, 2)
    assert not (folder / "out.mp4").exists()
