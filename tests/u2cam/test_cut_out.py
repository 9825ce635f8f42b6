"""`u2cam.cut_out`: one picture."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import u2cam
from tests.u2cam.test_matter_call import person
from u2cam import still
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("model", ["u2net_live", "grabcut"])
def test_the_cutout_is_the_one_that_the_command_line_writes(
    one_thread: None, tmp_path: Path, model: str
) -> None:
    image, out = tmp_path / "me.png", tmp_path / "out.png"
    cv2.imwrite(str(image), person(0, (161, 121))[..., ::-1])
    argv = ["-i", str(image), "-o", str(out), "--view", "cutout", "-m", model, "--device", "cpu"]
    assert main(argv) == 0
    written = cv2.cvtColor(cv2.imread(str(out), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
    rgba = u2cam.cut_out(image, model=model, device="cpu")
    assert (rgba.shape, rgba.dtype) == ((121, 161, 4), np.uint8)
    assert np.array_equal(rgba, written)


def test_an_array_is_as_good_as_a_file(one_thread: None, tmp_path: Path) -> None:
    image = person(0)
    cv2.imwrite(str(tmp_path / "me.png"), image[..., ::-1])
    before = image.copy()
    rgba = u2cam.cut_out(image, model="grabcut")
    assert np.array_equal(rgba, u2cam.cut_out(str(tmp_path / "me.png"), model="grabcut"))
    assert np.array_equal(image, before)
    assert rgba[45, 80, 3] > 240 > 15 > rgba[5, 5, 3]


def test_a_loop_over_photos_loads_the_network_once(
    one_thread: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    load = still.one_by_one

    def counted(*given: Any, **named: Any) -> Any:
        loads.append(given[1].model.name)
        return load(*given, **named)

    monkeypatch.setattr(still, "one_by_one", counted)
    monkeypatch.setattr(still, "_LAST", still._LastNetwork())
    first = u2cam.cut_out(person(0), model="u2net_live", device="cpu")
    u2cam.cut_out(person(5, (90, 140)), model="u2net_live", device="cpu")
    assert np.array_equal(u2cam.cut_out(person(0), model="u2net_live", device="cpu"), first)
    u2cam.cut_out(person(0), model="grabcut", device="cpu")
    assert loads == ["u2net_live", "grabcut"]


def test_what_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(u2cam.UsageError, match="wanted"):
        u2cam.cut_out(np.zeros((4, 4, 4), np.uint8))
    with pytest.raises(u2cam.TooLargeError, match="max_width"):
        u2cam.cut_out(np.zeros((4, 9, 3), np.uint8), settings={"limits": {"max_width": 8}})
    with pytest.raises(FileNotFoundError, match="no such file"):
        u2cam.cut_out(tmp_path / "me.jpg")
    (tmp_path / "me.jpg").write_text("not a picture")
    with pytest.raises(u2cam.SourceError, match=r"me\.jpg"):
        u2cam.cut_out(tmp_path / "me.jpg")


def test_what_is_transparent_in_a_file_stays_so_and_shows_a_background(
    one_thread: None, tmp_path: Path
) -> None:
    image = person(0)
    alpha = np.full(image.shape[:2], 255, np.uint8)
    alpha[30:60, 70:90] = 0  # in the middle of the person
    path = tmp_path / "me.png"
    cv2.imwrite(str(path), cv2.cvtColor(np.dstack([image, alpha]), cv2.COLOR_RGBA2BGRA))
    rgba = u2cam.cut_out(path, model="grabcut")
    assert not rgba[30:60, 70:90, 3].any()
    assert rgba[70, 80, 3] > 240
    u2cam.process(path, tmp_path / "out.png", background="#c80a14", model="grabcut")
    shown = cv2.imread(str(tmp_path / "out.png"))[..., ::-1]
    assert (shown[30:60, 70:90] == (200, 10, 20)).all()
