"""Which files an output writes, and whether they are read."""

import os
from pathlib import Path

import pytest

from u2cam.stream.media.targets import Target, files_read, part_name, put, real_path


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("clip.mp4", "shots/00001.png", "shots/00002.png", "shots/a.png"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(name.encode())
    Path("link.mp4").symlink_to("clip.mp4")
    Path("chain.mp4").symlink_to("link.mp4")
    Path("pictures").symlink_to("shots")
    os.link("clip.mp4", "hard.mp4")
    Path("out").mkdir()
    Path("out/00002.png").symlink_to("../shots/a.png")


@pytest.mark.parametrize(
    ("read", "output"),
    [
        ("clip.mp4", "clip.mp4"),
        ("clip.mp4", "./shots/../clip.mp4"),
        ("clip.mp4", "link.mp4"),
        ("link.mp4", "clip.mp4"),
        ("chain.mp4", "link.mp4"),
        ("clip.mp4", "hard.mp4"),
        ("file:clip.mp4", "clip.mp4"),
        ("shots/%05d.png", "shots/%05d.png"),
        ("shots/%05d.png", "shots/%d.png"),
        ("shots/%05d.png", "pictures/%05d.png"),
        ("shots/00001.png", "shots/%05d.png"),
        ("shots", "shots/%05d.png"),
        ("shots", "shots/a.png"),
        ("shots/%05d.png", "shots/00002.png"),
        ("shots", "out/%05d.png"),
    ],
)
def test_what_is_read_is_found_under_every_name(read: str, output: str) -> None:
    assert Target.of(output).replaces(files_read(read)) is not None


@pytest.mark.parametrize(
    ("read", "output"),
    [
        ("clip.mp4", "other.mp4"),
        ("shots/%05d.png", "shots/new_%05d.png"),
        ("shots", "shots/b.png"),
        ("shots/a.png", "shots/%05d.png"),
        ("shots/%05d.png", "new/%05d.png"),
        ("blur", "blur.mp4"),
        ("0", "0.mp4"),
        ("x" * 300 + ".mp4", "clip.mp4"),
    ],
)
def test_what_is_not_read_may_be_written(read: str, output: str) -> None:
    assert Target.of(output).replaces(files_read(read)) is None


def test_a_full_url_of_a_file_is_that_file(tmp_path: Path) -> None:
    assert Target.of("clip.mp4").replaces(files_read(f"file://{tmp_path}/clip.mp4")) is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.mp4", "./a.mp4", True),
        ("shots/x.mp4", "pictures/x.mp4", True),
        ("link.mp4", "clip.mp4", True),
        ("shots/%05d.png", "shots/00007.png", True),
        ("shots/00007.png", "pictures/%d.png", True),
        ("a.mp4", "b.mp4", False),
        ("shots/%05d.png", "out/%05d.png", False),
        ("shots/a%05d.png", "shots/b%05d.png", False),
    ],
)
def test_two_outputs_for_one_file_are_found(one: str, other: str, same: bool) -> None:
    assert Target.of(one).meets(Target.of(other)) is same


def test_a_link_to_itself_is_one_clear_line() -> None:
    Path("round.mp4").symlink_to("round.mp4")
    with pytest.raises(OSError, match="leads to itself"):
        real_path(Path("round.mp4"))


@pytest.mark.parametrize("name", ["a.mp4", "é" * 120 + ".mp4", "x" * 251 + ".mp4"])
def test_the_hidden_name_fits_where_the_name_does(name: str) -> None:
    Path(part_name(name)).write_bytes(b"")
    assert part_name(name).startswith(".")
    assert part_name(name) != part_name("y" + name[1:])


def test_a_file_put_at_a_link_changes_the_file_behind_it() -> None:
    Path("part").write_bytes(b"new")
    put(Path("part"), Path("chain.mp4"))
    assert Path("chain.mp4").is_symlink()
    assert Path("link.mp4").is_symlink()
    assert Path("clip.mp4").read_bytes() == b"new"


def test_a_file_put_at_a_link_to_nothing_makes_the_file() -> None:
    Path("later.mp4").symlink_to("out/made.mp4")
    Path("part").write_bytes(b"new")
    put(Path("part"), Path("later.mp4"))
    assert Path("out/made.mp4").read_bytes() == b"new"
    assert Path("later.mp4").is_symlink()
