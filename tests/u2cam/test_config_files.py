"""Which files of settings are read, and which file wins."""

from pathlib import Path

import pytest

from tests.media import Clip
from u2cam import settings as settings_module
from u2cam.cli.main import main
from u2cam.settings import config_files, load, shipped_config


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own settings are; not there yet."""
    monkeypatch.setattr(settings_module, "user_config_path", lambda name: tmp_path / "own" / name)
    folder = tmp_path / "own" / "u2cam"
    folder.mkdir(parents=True)
    return folder / "config.toml"


def test_each_layer_wins_over_those_before(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, named = tmp_path / "shipped.toml", tmp_path / "named.toml"
    monkeypatch.setattr(settings_module, "shipped_config", lambda: shipped)
    keys = ("fps", "width", "height", "stall_s", "reconnect_max_s")
    for path, value in ((shipped, 11), (own, 12), (named, 13)):
        lines = [f"{key} = {value}" for key in keys[: 16 - value]]
        path.write_text("\n".join(["[capture]", *lines]))
    capture = load(
        config_files([named]), ["capture.fps=14", "capture.width=14"], {"capture": {"fps": 15.0}}
    ).capture
    assert [getattr(capture, key) for key in keys] == [15, 14, 13, 12, 11]


def test_the_users_own_settings_count_in_a_checkout(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text("[limits]\nmax_width = 50\n")
    clip = Clip(frames=2).write(tmp_path / "clip.mp4")
    assert main(["-i", str(clip), "-o", str(tmp_path / "out.mp4"), "-m", "grabcut"]) == 2
    assert "limits.max_width = 50" in capsys.readouterr().err


def test_a_mistake_in_the_users_own_settings_is_told_with_its_file(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text("[limits\n")
    assert main(["-i", "clip.mp4", "-o", "out.mp4"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"u2cam: {own}: cannot be read as TOML")
    assert said.count("\n") == 1


def test_without_own_settings_only_the_shipped_and_the_named_are_read(own: Path) -> None:
    assert config_files([Path("my.toml")]) == [shipped_config(), Path("my.toml")]


def test_the_current_folder_gives_no_settings(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("[capture]\nfps = 7\n")
    monkeypatch.chdir(tmp_path)
    assert load(config_files([]), [], {}).capture.fps is None


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package, with a `config.toml` beside it."""
    folder = tmp_path / "site-packages" / "package"
    folder.mkdir(parents=True)
    (folder.parent / "config.toml").touch()
    return folder


def test_a_file_beside_an_installed_package_is_not_the_shipped_one(package: Path) -> None:
    assert shipped_config(package) is None
    (package / "config.toml").touch()
    assert shipped_config(package) == package / "config.toml"


@pytest.mark.parametrize(("name", "ours"), [("u2cam", True), ("other", False)])
def test_the_file_beside_the_package_is_the_shipped_one_in_a_checkout_of_ours(
    package: Path, name: str, ours: bool
) -> None:
    (package.parent / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n')
    assert (shipped_config(package) is not None) is ours


def test_this_checkout_has_a_shipped_file() -> None:
    assert shipped_config() == Path(__file__).resolve().parents[2] / "config.toml"
