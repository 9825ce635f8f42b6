"""Packed data."""

from pathlib import Path

import pytest

from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.photo_library import load_library
from u2cam.model.train.pack import unpack, write_pack

WANTED = DrawSettings().wanted()


def test_a_pack_has_the_same_pictures_in_the_same_splits(data_folder: Path, tmp_path: Path) -> None:
    pack = tmp_path / "a.pack"
    write_pack(pack, data_folder, WANTED, {}, limit_bytes=1 << 20)
    folder = unpack(pack, tmp_path / "data")
    for split in ("train", "validation"):
        packed, original = (
            load_library(place, split, only=WANTED)  # type: ignore[arg-type]
            for place in (folder, data_folder)
        )
        assert packed.describe() == original.describe()
        for name, photos in original.people.items():
            again = packed.people[name]
            assert [p.name for p in again] == [p.name for p in photos]
            assert (again[0].furniture is None) == (photos[0].furniture is None)
            if name in ("keyed", "rendered"):
                assert (again[0].alpha[0] == photos[0].alpha[0]).all()
    assert not list(folder.rglob("test"))


def test_a_pack_keeps_to_its_limit_and_takes_from_every_set(
    data_folder: Path, tmp_path: Path
) -> None:
    limit = 30_000
    counts = write_pack(tmp_path / "a.pack", data_folder, WANTED, {}, limit_bytes=limit)
    size = (tmp_path / "a.pack").stat().st_size
    assert 0.5 * limit < size <= limit
    assert set(counts) == {"keyed", "rendered", "ccp", "backgrounds", "panoramas"}


def test_the_same_data_makes_the_same_file(data_folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_pack(tmp_path / name, data_folder, WANTED, {}, limit_bytes=1 << 20)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_is_no_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make it with --pack"):
        unpack(tmp_path / "none", tmp_path / "data")
    (tmp_path / "a").write_bytes(b"no pack")
    with pytest.raises(ValueError, match="not a file that --pack wrote"):
        unpack(tmp_path / "a", tmp_path / "data")
    with pytest.raises(FileNotFoundError, match="none of the recipe's sets"):
        write_pack(tmp_path / "b", tmp_path / "empty", WANTED, {}, limit_bytes=1000)
