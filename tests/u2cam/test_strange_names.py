"""Names of files as file systems allow them: control characters in messages, and every length."""

from pathlib import Path

import pytest

from tests.media import Clip, read_times
from u2cam.cli.main import main
from u2cam.core.errors import SourceError, UsageError, one_line, printable

STRANGE = "a\nu2cam: done\r\x1b[2Jb\u202e"
SHOWN = r"a\nu2cam: done\r\x1b[2Jb\u202e"
FRAMES = 3


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*argv: str) -> int:
    return main([*argv, "-m", "grabcut"])


def said(capfd: pytest.CaptureFixture[str]) -> str:
    captured = capfd.readouterr()
    return captured.out + captured.err


# Messages


@pytest.mark.parametrize("ending", ["mp4", "png", "xyz"])
def test_an_input_that_is_not_there_is_named_in_one_line(
    ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("-i", f"{STRANGE}.{ending}", "-o", "b.mp4") == 2
    text = said(capfd)
    assert text.count("\n") == 1
    assert f"{SHOWN}.{ending}" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "argv",
    [
        ("-i", "a.mp4", "-o", f"{STRANGE}/b.mp4"),
        ("-i", "a.mp4", "-o", f"{STRANGE}.xyz"),
        ("-i", "a.mp4", "-o", "b.mp4", "-b", f"{STRANGE}.jpg"),
        ("-i", "a.mp4", "-o", "b.mp4", "-b", STRANGE),
        ("-i", "a.mp4", "-o", "b.mp4", "--config", f"{STRANGE}.toml"),
        ("-i", "a.mp4", "-o", "b.mp4", "--set", STRANGE),
        ("-i", "a.mp4", "-o", "b.mp4", f"--{STRANGE}"),
        ("-i", "a.mp4", "-o", "b.mp4", "--stats", f"{STRANGE}/b.json"),
        ("-i", "a.mp4", "-o", "b.mp4", "--start", "99", "-b", "red"),
    ],
)
def test_whatever_is_refused_is_one_line(
    argv: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    Clip(frames=2).write(Path("a.mp4"))
    assert run(*argv) == 2
    text = said(capfd)
    assert text.count("\n") == 1
    assert "\x1b" not in text


def test_warnings_and_the_last_line_keep_to_their_lines(capfd: pytest.CaptureFixture[str]) -> None:
    name = f"{STRANGE}.mkv"
    interlaced = {"crf": "0", "preset": "ultrafast", "flags": "+ildct+ilme"}
    Clip(frames=FRAMES, options=interlaced).write(Path(name))
    assert run("-i", name, "-o", f"{STRANGE}.mp4", "-b", "red") == 0
    lines = said(capfd).splitlines()
    assert all(line.startswith(("u2cam: ", SHOWN)) for line in lines), lines
    assert any(f"{SHOWN}.mkv: interlaced" in line for line in lines)
    assert any(line.startswith(f"{SHOWN}.mp4: {FRAMES} frames") for line in lines)
    assert "\x1b" not in "".join(lines)


def test_what_is_our_own_is_escaped_and_what_libraries_say_is_joined() -> None:
    assert one_line(SourceError("a\nb.mp4: no such  file")) == r"a\nb.mp4: no such  file"
    assert one_line(UsageError("\x07")) == r"\x07"
    assert one_line(FileNotFoundError("a\nb: no such file")) == r"a\nb: no such file"
    assert one_line(RuntimeError("first\n   second\x1b")) == r"first second\x1b"
    assert one_line(RuntimeError()) == "RuntimeError"


@pytest.mark.parametrize(
    "name", ["é.mp4", "日本語.mp4", "family 👨‍👩‍👧.png", "a  b.mp4", "שלום.mp4"]
)
def test_names_of_every_script_stay_as_they_are(name: str) -> None:
    assert printable(name) == name


def test_a_name_that_is_no_text_is_shown_and_read(capfd: pytest.CaptureFixture[str]) -> None:
    name = "caf\udce9.mp4"  # Latin-1, as old disks have it
    Clip(frames=FRAMES).write(Path("a.mp4")).rename(name)
    assert run("-i", name, "-o", "b\udcff.mp4", "-b", "red") == 0
    assert Path("b\udcff.mp4").exists()
    assert r"b\udcff.mp4: 3 frames" in said(capfd)


# Lengths


def of_bytes(length: int, ending: str) -> str:
    """A name of so many bytes in two-byte letters."""
    letters = (length - len(ending)) // 2
    return "é" * letters + "x" * (length - len(ending) - 2 * letters) + ending


@pytest.mark.parametrize("length", [250, 255])
@pytest.mark.parametrize(
    "ending", [".mp4", ".mkv", ".webm", ".mov", ".gif", ".png", ".webp", ".avif", ".jpg", ".tif"]
)
def test_every_kind_of_file_may_have_a_name_as_long_as_can_be(length: int, ending: str) -> None:
    Clip(frames=1).write(Path("a.mp4"))
    name = of_bytes(length, ending)
    assert run("-i", "a.mp4", "-o", name, "-b", "red", "-q") == 0
    assert sorted(path.name for path in Path().iterdir()) == sorted(["a.mp4", name])
    assert Path(name).stat().st_size > 0


def test_an_animation_may_have_a_name_as_long_as_can_be() -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    name = of_bytes(255, ".webp")
    assert run("-i", "a.mp4", "-o", name, "-b", "red", "-q") == 0
    assert Path(name).read_bytes().count(b"ANMF") == FRAMES


def test_numbered_pictures_may_have_names_as_long_as_can_be() -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    before = "x" * 245
    assert run("-i", "a.mp4", "-o", f"{before}%04d.png", "-b", "red", "-q") == 0
    made = sorted(path.name for path in Path().glob("x*"))
    assert made == [f"{before}{number:04d}.png" for number in (1, 2, 3)]


def test_numbered_pictures_whose_later_names_are_too_long_are_refused_at_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    assert run("-i", "a.mp4", "-o", "x" * 249 + "%d.png", "-b", "red") == 2
    assert "a name of 259 bytes; up to 255 are possible" in said(capfd)
    assert not list(Path().glob("x*"))


def test_a_folder_of_pictures_may_have_a_name_as_long_as_can_be() -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    folder = Path("é" * 127)
    folder.mkdir()
    assert run("-i", "a.mp4", "-o", str(folder / "%05d.png"), "-b", "red", "-q") == 0
    made = sorted(path.name for path in folder.iterdir())
    assert made == ["00001.png", "00002.png", "00003.png"]


def test_statistics_and_a_file_behind_a_link_may_have_names_as_long_as_can_be() -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    facts, real = of_bytes(255, ".json"), of_bytes(255, ".mp4")
    Path("link.mp4").symlink_to(real)
    assert run("-i", "a.mp4", "-o", "link.mp4", "-b", "red", "--stats", facts, "-q") == 0
    assert Path(facts).read_text().startswith("{")
    assert len(read_times(Path(real))) == FRAMES
    assert Path("link.mp4").is_symlink()


def test_a_name_that_no_file_system_takes_is_refused_in_one_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Clip(frames=FRAMES).write(Path("a.mp4"))
    assert run("-i", "a.mp4", "-o", of_bytes(256, ".mp4"), "-b", "red") == 2
    text = said(capfd)
    assert text.count("\n") == 1
    assert "up to 255 are possible" in text
