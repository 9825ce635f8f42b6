"""A folder of pictures to a folder of pictures: names, sizes, and each a still of its own."""

import io
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import u2cam
from tests.media import Clip, scene
from tests.pictures import icc_profile
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(180)
SIZES_WH = {"shot10.png": (64, 48), "shot9.png": (48, 64), "IMG_1.JPG": (80, 50)}


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of three sizes in `photos`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, size_wh in SIZES_WH.items():
        cv2.imwrite(str(folder / name), scene(len(name), size_wh))
    return folder


def run(*argv: str) -> int:
    return main([*argv, "-m", "grabcut", "-q"])


def sizes_in(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: opened(path).size for path in folder.iterdir()}


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


@pytest.mark.parametrize("given", ["out/", "there", "new"])
def test_pictures_keep_their_names_and_sizes(photos: Path, tmp_path: Path, given: str) -> None:
    (tmp_path / "there").mkdir()
    assert run("-i", "photos", "-o", given, "-b", "none") == 0
    assert sizes_in(tmp_path / given) == SIZES_WH
    assert sizes_in(photos) == SIZES_WH


def test_what_an_ending_cannot_hold_becomes_png(photos: Path, tmp_path: Path) -> None:
    (photos / "IMG_1.webp").write_bytes(_webp())
    (photos / "IMG_1.png").write_bytes((photos / "shot9.png").read_bytes())
    assert run("-i", "photos/", "-o", "out/", "--view", "cutout") == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    wanted = {"IMG_1.JPG.png", "IMG_1.png.png", "IMG_1.webp", "shot9.png", "shot10.png"}
    assert names == wanted
    shown = opened(tmp_path / "out/IMG_1.JPG.png")
    assert (shown.mode, shown.size) == ("RGBA", (80, 50))


def _webp() -> bytes:
    held = io.BytesIO()
    Image.fromarray(scene(1, (40, 30))).save(held, "WEBP", lossless=True)
    return held.getvalue()


def test_a_star_chooses_the_kind_of_all(photos: Path, tmp_path: Path) -> None:
    assert run("-i", "photos", "-o", "out/*.webp", "-o", "tiffs/*.tif") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "shot9.webp",
        "shot10.webp",
        "IMG_1.webp",
    }
    assert len(list((tmp_path / "tiffs").iterdir())) == 3


def test_pictures_are_upright_and_keep_their_profile(photos: Path, tmp_path: Path) -> None:
    exif, profile = Image.Exif(), icc_profile("bt709", 1.8)
    exif[0x0112] = 6  # a quarter turn
    Image.fromarray(scene(0, (64, 48))).save(
        photos / "turned.jpg", exif=exif, icc_profile=profile, quality=95
    )
    assert run("-i", "photos", "-o", "out/", "-b", "none") == 0
    shown = opened(tmp_path / "out/turned.jpg")
    assert shown.size == (48, 64)
    assert shown.info["icc_profile"] == profile
    assert not shown.getexif()


def test_each_picture_is_as_if_it_were_alone(photos: Path, tmp_path: Path) -> None:
    assert run("-i", "photos", "-o", "out/", "--view", "matte") == 0
    assert run("-i", "photos/shot9.png", "-o", "alone/", "--view", "matte") == 0
    together, alone = (cv2.imread(f"{folder}/shot9.png", 0) for folder in ("out", "alone"))
    assert np.array_equal(together, alone)


def test_a_damaged_picture_does_not_keep_the_others(
    photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (photos / "shot1.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    assert run("-i", "photos", "-o", "out/", "--stats", "stats.json") == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "shot1.png" in said
    assert sizes_in(tmp_path / "out") == SIZES_WH
    facts = json.loads((tmp_path / "stats.json").read_text())
    assert facts["frames"]["out"] == 3
    assert list(facts["failed_inputs"]) == [str(Path("photos/shot1.png"))]


def test_the_library_does_the_same(photos: Path, tmp_path: Path) -> None:
    calls: list[u2cam.Progress] = []
    facts = u2cam.process(photos, tmp_path / "out", model="grabcut", progress=calls.append)
    assert sizes_in(tmp_path / "out") == SIZES_WH
    assert facts["frames"]["out"] == 3
    assert [(call.frames, call.total) for call in calls] == [(1, 3), (2, 3), (3, 3)]
    (photos / "shot1.png").write_bytes(b"none")
    with pytest.raises(u2cam.SourceError, match="shot1"):
        u2cam.process("photos", "again/", model="grabcut")
    assert sizes_in(tmp_path / "again") == SIZES_WH


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("-i photos -o photos", "the input"),
        ("-i photos -o photos/", "the input"),
        ("-i link -o photos/", "the input"),
        ("-i photos -o link", "the input"),
        ("-i photos -o photos/*.webp", "the input"),
        ("-i photos -o photos/new.png --frames 1", "the input"),
        ("-i photos -o linked/", "the input"),
        ("-i photos -b linked/wall.png -o linked/*.png", "shot9.png"),
        ("-i photos/shot9.png -o photos/", "the input"),
        ("-i photos -o gone/out/", "does not exist"),
        ("-i photos -o photos/shot9.png/", "not a folder"),
        ("-i photos -o out/ -o out.mp4", "no other output"),
        ("-i photos -o out/ -o out", "given twice"),
        ("-i photos -o out/*.mp4", ".webp"),
        ("-i photos -o out/*.jpg --view cutout", "alpha"),
        ("-i photos -o out/ --live", "--live"),
        ("-i photos -o out/ --fps 3", "--fps"),
        ("-i clip.mp4 -o empty", "%05d.png"),
        ("-i clip.mp4 -o out/", "%05d.png"),
        ("-i shots/%d.png -o out/", "%05d.png"),
        ("-i empty -o out/", "no images"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_touches_nothing(
    photos: Path, tmp_path: Path, arguments: str, named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Clip(frames=2).write(tmp_path / "clip.mp4")
    for folder in ("linked", "empty", "shots"):
        (tmp_path / folder).mkdir()
    (tmp_path / "link").symlink_to("photos")
    (tmp_path / "linked/shot9.png").symlink_to("../photos/shot9.png")
    cv2.imwrite("shots/1.png", scene(1, (64, 48)))
    cv2.imwrite("linked/wall.png", scene(1, (64, 48)))
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    assert run(*arguments.split()) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert named in said
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_a_full_disk_ends_the_run_at_once(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("u2cam.stream.sinks.images.put", refuse)
    with pytest.raises(u2cam.SinkError, match="No space left"):
        u2cam.process("photos", "out/", model="grabcut")
    assert not os.path.lexists(tmp_path / "out")


@pytest.mark.parametrize(
    ("given", "numbered"), [("out/", "out/%05d.png"), ("out/*.jpg", "out/%05d.jpg")]
)
def test_a_video_to_a_folder_is_told_a_name_that_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, numbered: str
) -> None:
    assert run("-i", "demo", "-o", given) == 2
    assert f"or {numbered} for numbered pictures" in capsys.readouterr().err
