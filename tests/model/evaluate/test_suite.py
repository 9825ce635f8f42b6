"""The fixed sets."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.splits import HELD_OUT_CLIPS
from u2cam.model.evaluate.sequence import Sequence
from u2cam.model.evaluate.suite import REAL, Counts, Folders, Suite, folder

COUNTS = Counts(rendered_stills=2, keyed_stills=3, keyed_clips=1, photographs=2, clip_frames=3)


def drawn(data: Path, split: str = "test", seed: int = 0, **folders: Path) -> list[Sequence]:
    place = Folders(data, data / "rendered", **folders)
    assert split in ("validation", "test")
    return list(Suite(place, split, seed=seed, counts=COUNTS).sequences())


def test_each_set_has_what_its_split_has(data_folder: Path) -> None:
    found = [(s.set_name, len(s.frames)) for s in drawn(data_folder)]
    assert found == [
        ("rendered stills", 1),
        ("rendered clips", 3),
        *[("keyed stills", 1)] * 3,
        ("keyed clips", 3),
        *[("photographs", 1)] * 2,
    ]
    assert all(s.frames.shape[1:3] == (288, 512) for s in drawn(data_folder))


def test_a_split_shows_nobody_of_another(data_folder: Path) -> None:
    names = {split: {s.name for s in drawn(data_folder, split)} for split in ("validation", "test")}
    assert {name[:10] for name in names["validation"]} == {"keyed_0005", "0010_000", "0010_001"}
    assert not any(name.startswith(("keyed_0005", "0010")) for name in names["test"])


def test_the_same_seed_draws_the_same_pictures_and_another_others(data_folder: Path) -> None:
    first, again, other = drawn(data_folder), drawn(data_folder), drawn(data_folder, seed=1)
    assert all(np.array_equal(a.frames, b.frames) for a, b in zip(first, again, strict=True))
    assert all(
        a.alpha is not None and b.alpha is not None and np.array_equal(a.alpha, b.alpha)
        for a, b in zip(first, again, strict=True)
    )
    assert not any(np.array_equal(a.frames, b.frames) for a, b in zip(first, other, strict=True))


def test_a_set_that_grows_leaves_the_others_as_they_were(data_folder: Path) -> None:
    before = {(s.set_name, s.name): s.frames for s in drawn(data_folder)}
    for path in (data_folder / "rendered").rglob("*.webp"):
        path.unlink()
    (data_folder / "rendered" / "manifest.jsonl").unlink()
    for sequence in drawn(data_folder):
        assert np.array_equal(sequence.frames, before[sequence.set_name, sequence.name])


def test_tags_of_the_manifest_become_kinds(data_folder: Path) -> None:
    still = drawn(data_folder)[0]
    assert {"close", "sitting", "hats"} <= still.kinds


def test_real_clips_are_those_set_aside_and_have_no_mattes(
    data_folder: Path, tmp_path: Path
) -> None:
    for name in (*HELD_OUT_CLIPS, "talk_d3"):
        writer = cv2.VideoWriter(
            str(tmp_path / f"{name}.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 30, (64, 64)
        )
        for _ in range(30):
            writer.write(np.full((64, 64, 3), 90, np.uint8))
        writer.release()
    real = [s for s in drawn(data_folder, clips=tmp_path) if s.set_name == REAL]
    assert tuple(s.name for s in real) == HELD_OUT_CLIPS
    assert all(s.alpha is None and len(s.frames) == 10 for s in real)


def test_a_folder_without_scenes_or_people_is_refused(tmp_path: Path, data_folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no scenes of the test split"):
        Suite(Folders(tmp_path / "none"), "test")
    for name in ("keyed", "ccp", "rendered"):
        (data_folder / name).rename(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="no people of the test split"):
        Suite(Folders(data_folder), "test")


def test_a_picture_without_mask_is_named(data_folder: Path) -> None:
    (data_folder / "ccp" / "masks" / "0010.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"0010\.jpg: has no masks/0010\.png"):
        list(folder(data_folder / "ccp"))
