"""A run that would replace what it reads is refused before anything is opened."""

from pathlib import Path

import cv2
import pytest

from tests.media import Clip, read_times, scene
from u2cam.cli.main import main

SIZE_WH = (64, 48)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, bytes]:
    """Give a clip, a background, numbered pictures and links to them in the current folder."""
    monkeypatch.chdir(tmp_path)
    Clip(frames=3).write(tmp_path / "clip.mp4")
    Clip(frames=3).write(tmp_path / "wall.mp4")
    for folder in ("seq", "slides"):
        Path(folder).mkdir()
        for number in (1, 2):
            cv2.imwrite(f"{folder}/{number:05d}.png", scene(number, SIZE_WH))
    Path("link.mp4").symlink_to("clip.mp4")
    Path("wall_link.mp4").symlink_to("wall.mp4")
    Path("seq_link").symlink_to("seq")
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("-i seq/%05d.png -o seq/%05d.png", "the input"),
        ("-i seq -o seq/%05d.png", "the input"),
        ("-i seq -o seq", "the input"),
        ("-i seq_link -o seq/%05d.png", "the input"),
        ("-i seq/00001.png -o seq/00001.png", "the input"),
        ("-i clip.mp4 -o link.mp4", "the input"),
        ("-i link.mp4 -o seq/../clip.mp4", "the input"),
        ("-i file:clip.mp4 -o clip.mp4", "the input"),
        ("-i clip.mp4 -o null --stats clip.mp4", "the input"),
        ("-i clip.mp4 -b wall.mp4 -o wall.mp4", "the background"),
        ("-i clip.mp4 -b wall_link.mp4 -o wall.mp4", "the background"),
        ("-i clip.mp4 -b slides/00001.png -o slides/%05d.png", "the background"),
        ("-i clip.mp4 -b slides -o slides/00002.png", "the background"),
        ("-i clip.mp4 -b slides -o slides", "is a folder"),
        ("-i seq -b slides -o slides", "the background"),
        ("-i seq -o seq/%05d.jpg", "the input"),
        ("-i clip.mp4 -o a.mp4 -o ./a.mp4", "given twice"),
        ("-i clip.mp4 -o seq_link/%05d.jpg -o seq/00001.jpg", "given twice"),
    ],
)
def test_what_is_read_is_never_replaced(
    files: dict[Path, bytes], arguments: str, named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments.split(), "-m", "grabcut"]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert named in said
    assert {path: path.read_bytes() for path in files} == files


def test_a_link_as_output_is_written_through(files: dict[Path, bytes], tmp_path: Path) -> None:
    Path("elsewhere").mkdir()
    Path("out.mp4").symlink_to("elsewhere/real.mp4")
    Path("out.png").symlink_to("elsewhere/real.png")
    given = ["-i", "clip.mp4", "-o", "out.mp4", "-b", "red", "-m", "grabcut", "-q"]
    assert main(given) == 0
    assert main(["-i", "seq/00001.png", "-o", "out.png", *given[4:]]) == 0
    assert Path("out.mp4").is_symlink()
    assert Path("out.png").is_symlink()
    assert len(read_times(tmp_path / "elsewhere/real.mp4")) == 3
    assert cv2.imread("elsewhere/real.png") is not None
    assert sorted(path.name for path in Path("elsewhere").iterdir()) == ["real.mp4", "real.png"]


def test_names_as_long_as_file_systems_take_are_written(tmp_path: Path) -> None:
    given = ["-i", "clip.mp4", "-b", "red", "-m", "grabcut", "-q"]
    names = ["v" * 246 + ".mp4", "é" * 123 + ".png"]
    assert main([*given, "--frames", "1", "-o", names[0], "-o", names[1]]) == 0
    assert all((tmp_path / name).stat().st_size for name in names)


def test_a_name_that_no_file_system_takes_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["-i", "clip.mp4", "-o", "v" * 260 + ".mp4", "-m", "grabcut"]) == 2
    assert "up to 255" in capfd.readouterr().err


def test_a_video_in_the_folder_of_pictures_may_be_written_again() -> None:
    given = ["-i", "seq", "-o", "seq/made.mp4", "-b", "red", "-m", "grabcut", "-q"]
    assert [main(given), main(given)] == [0, 0]
