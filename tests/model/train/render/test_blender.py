"""With Blender and the assets at hand: stills and rooms are rendered, again the same, and resumed.

Set U2CAM_RENDER_ASSETS to the unpacked assets, in an environment with bpy.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy", reason="needs bpy (Blender as a module)")

from PIL import Image

from u2cam.model.train.render.__main__ import main

ASSETS = os.environ.get("U2CAM_RENDER_ASSETS", "")

pytestmark = [
    pytest.mark.skipif(not ASSETS, reason="needs U2CAM_RENDER_ASSETS, the unpacked assets"),
    pytest.mark.timeout(600),
]


def _run(out: Path, scenes: Path, *more: str) -> list[dict[str, object]]:
    size = ("--size", "128x72", "--color-samples", "2", "--alpha-samples", "32")
    arguments = [str(out), "--assets", ASSETS, "--scenes", str(scenes), *size, *more]
    assert main(arguments) == 0
    lines = (out / "manifest.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    picture = np.random.default_rng(1).integers(0, 255, (40, 64, 3)).astype(np.uint8)
    Image.fromarray(picture).save(folder / "room.png")
    return folder


def test_a_still_has_an_alpha_with_person_and_background(tmp_path: Path, scenes: Path) -> None:
    record = _run(tmp_path, scenes, "--stills", "1", "--seed", "2")[0]
    assert "error" not in record
    alpha = np.asarray(Image.open(tmp_path / str(record["file"])).convert("RGBA"))[..., 3]
    assert alpha.shape == (72, 128)
    assert alpha.max() == 255
    assert alpha.min() == 0


def test_the_same_seed_gives_the_same_alpha(tmp_path: Path, scenes: Path) -> None:
    alphas = []
    for name in ("first", "second"):
        record = _run(tmp_path / name, scenes, "--stills", "1", "--seed", "2")[0]
        picture = Image.open(tmp_path / name / str(record["file"])).convert("RGBA")
        alphas.append(np.asarray(picture)[..., 3].astype(int))
    assert np.abs(alphas[0] - alphas[1]).max() <= 1


def test_a_run_goes_on_where_it_was(tmp_path: Path, scenes: Path) -> None:
    _run(tmp_path, scenes, "--stills", "1", "--seed", "2")
    records = _run(tmp_path, scenes, "--stills", "2", "--seed", "2")
    assert [record["name"] for record in records] == ["s020000000", "s020000001"]


@pytest.mark.parametrize(("option", "folder"), [("--rooms", "rooms"), ("--negatives", "negatives")])
def test_a_picture_without_people_is_whole(
    tmp_path: Path, scenes: Path, option: str, folder: str
) -> None:
    record = next(r for r in _run(tmp_path, scenes, option, "3", "--seed", "2") if "file" in r)
    assert str(record["file"]).startswith(f"{folder}/")
    assert record["tags"]
    with Image.open(tmp_path / str(record["file"])) as picture:
        assert picture.mode == "RGB"
        assert picture.size == (128, 72)
