"""Measuring whole sets with candidates of known output."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.candidates.candidate import BaselineCandidate, open_candidate
from u2cam.model.datasets.photo import make_photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.evaluate import contact_sheet, sets
from u2cam.model.evaluate.__main__ import main
from u2cam.model.evaluate.measure import measure
from u2cam.model.evaluate.sets import Sequence
from u2cam.model.networks.u2net_live import U2NetLive


@pytest.fixture
def library() -> Library:
    mask = np.zeros((96, 64), np.uint8)
    cv2.ellipse(mask, (32, 60), (18, 44), 0, 0, 360, 255, -1)
    photo = make_photo("keyed/keyed_0010", np.full((96, 64, 3), 200, np.uint8), mask)
    assert photo is not None
    return Library({"keyed": [photo]}, {"photographs": [np.zeros((40, 60, 3), np.uint8)]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for part in ("images", "masks"):
        (tmp_path / part).mkdir()
    mask = np.zeros((48, 64), np.uint8)
    mask[10:, 20:44] = 255
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), rng.integers(0, 255, (48, 64, 3)))
    cv2.imwrite(str(tmp_path / "masks" / "a.png"), mask)
    return tmp_path


def bright(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (rgb[..., 0] / np.float32(255)).astype(np.float32)


def black(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.zeros(rgb.shape[:2], np.float32)


def moving_square() -> Sequence:
    alpha = np.zeros((2, 20, 20), np.uint8)
    alpha[0, 5:10, 5:10] = 255
    alpha[1, 5:10, 6:11] = 255
    return Sequence("square", np.repeat(alpha[..., None], 3, axis=3), alpha)


def test_perfect_contender_scores_perfectly_and_an_empty_one_does_not() -> None:
    candidates = [BaselineCandidate("bright", bright), BaselineCandidate("black", black)]
    scores, firsts = measure(candidates, [moving_square()])
    best, worst = scores["bright"], scores["black"]
    assert best["mad"] == best["dtssd"] == best["grad"] == best["conn"] == 0
    assert best["iou"] == best["max_f"] == 1
    assert worst["mad"] == pytest.approx(1000 * 25 / 400)
    assert worst["dtssd"] == pytest.approx(100 * np.sqrt(10 / 400))
    assert worst["iou"] == 0
    assert firsts["black"] == [pytest.approx(62.5)]


def test_single_frames_have_no_dtssd() -> None:
    one = moving_square()
    scores, _ = measure(
        [BaselineCandidate("black", black)], [Sequence("one", one.frames[:1], one.alpha[:1])]
    )
    assert "dtssd" not in scores["black"]


def test_contender_is_reset_before_every_sequence() -> None:
    resets = []

    class Counting(BaselineCandidate):
        def reset(self) -> None:
            resets.append(self.name)

    measure([Counting("x", black)], [moving_square(), moving_square()])
    assert resets == ["x", "x"]


def test_composites_are_the_same_every_time(library: Library) -> None:
    first, second = (list(sets.composites(library, 3, 2, (64, 36))) for _ in range(2))
    assert [s.frames.shape for s in first] == [(2, 36, 64, 3)] * 3
    for one, two in zip(first, second, strict=True):
        assert np.array_equal(one.frames, two.frames) and np.array_equal(one.alpha, two.alpha)


def test_picture_without_mask_is_named(folder: Path) -> None:
    (folder / "masks" / "a.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.jpg: has no masks/a\.png"):
        list(sets.folder(folder))


def test_unknown_contender_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        open_candidate("u3net", still=True)


def test_missing_baseline_network_is_named(tmp_path: Path) -> None:
    for suffix in ("tflite", "onnx"):
        with pytest.raises(FileNotFoundError, match=f"none.{suffix}"):
            open_candidate(str(tmp_path / f"none.{suffix}"), still=True)


def test_sheet_shows_the_foreground_on_green() -> None:
    rgb = np.full((10, 10, 3), 9, np.uint8)
    alpha = np.zeros((10, 10), np.float32)
    alpha[:, :5] = 1
    kept = contact_sheet.on_green(rgb, alpha)
    assert (kept[0, 0] == 9).all()
    assert tuple(kept[0, 9]) == contact_sheet.GREEN


def test_rows_of_different_width_stack() -> None:
    tile = np.zeros((4, 6, 3), np.uint8)
    assert contact_sheet.stack([[tile, tile], [tile]]).shape == (8, 12, 3)


def test_command_measures_a_folder_and_writes_json_and_sheet(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    weights = tmp_path / "u2net_live.pth"
    torch.save(U2NetLive().state_dict(), weights)
    out = tmp_path / "out"
    command = ["--network", str(weights), "--folder", str(folder), "--threads", "1"]
    assert main([*command, "--json", str(out / "r.json"), "--sheet", str(out / "s.jpg")]) == 0
    results = json.loads((out / "r.json").read_text())
    assert 0 < results["folder"]["u2net_live"]["mad"] < 1000
    assert (out / "s.jpg").is_file()
    assert "s_measure" in capsys.readouterr().out


def test_command_reports_a_missing_folder_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--network", "u2net_live", "--folder", str(tmp_path / "none")]) == 2
    assert "wanted folders images and masks" in capsys.readouterr().err


def test_command_without_a_set_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "nothing to measure on" in capsys.readouterr().err


def change(sequence: Sequence) -> float:
    return float(np.abs(np.diff(sequence.alpha.astype(np.float32), axis=0)).mean())


@pytest.mark.parametrize(("size", "message"), [("640", "is no size"), ("640x4", "at least 32")])
def test_command_refuses_a_size_that_is_none(
    capsys: pytest.CaptureFixture[str], size: str, message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--data", "x", "--size", size])
    assert message in capsys.readouterr().err


def test_composites_have_the_size_asked_for(library: Library) -> None:
    drawn = next(iter(sets.composites(library, 1, 2, (64, 48))))
    assert drawn.frames.shape == (2, 48, 64, 3)
    assert drawn.alpha.shape == (2, 48, 64)


def test_a_set_is_drawn_by_rule_and_another_seed_is_another_set(library: Library) -> None:
    def drawn(seed: int) -> list[Sequence]:
        return list(sets.composites(library, 3, 1, (64, 36), seed=seed))

    first, again, other = drawn(0), drawn(0), drawn(1)
    assert all(np.array_equal(a.frames, b.frames) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a.frames, b.frames) for a, b in zip(first, other, strict=True))


def test_less_motion_moves_the_person_less(library: Library) -> None:
    def moved(motion: float) -> float:
        clips = sets.composites(library, 6, 3, (64, 36), motion=motion)
        return float(np.mean([change(clip) for clip in clips]))

    assert 0 < moved(0.3) < 0.7 * moved(1.0)
