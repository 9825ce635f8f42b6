import tomllib
from pathlib import Path

import pytest

from scripts.config_text import config_text
from u2cam.cli.arguments import OPTION_NAMES, parse
from u2cam.core.errors import SettingsError
from u2cam.settings import REMOVED, Settings, load

CONFIG = Path(__file__).resolve().parents[2] / "config.toml"


def test_shipped_config_is_the_text_that_the_settings_give() -> None:
    assert CONFIG.read_text(encoding="utf-8") == config_text()


def test_shipped_config_equals_the_defaults() -> None:
    assert Settings.model_validate(tomllib.loads(config_text())) == Settings()


def test_later_layers_win(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text("[capture]\nfps = 10\nwidth = 100\nheight = 100\nstall_s = 1")
    second.write_text("[capture]\nfps = 20\nwidth = 200\nheight = 200")
    settings = load(
        [first, second],
        ["capture.fps=30", "capture.width=300"],
        {"capture": {"fps": 40.0}},
    )
    capture = settings.capture
    assert (capture.stall_s, capture.height, capture.width, capture.fps) == (1, 200, 300, 40)


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("model.name=u2netp", "u2netp"),
        ('model.name="u2netp"', "u2netp"),
        ("model.name=weights/my.pth", "weights/my.pth"),
    ],
)
def test_an_assignment_takes_toml_or_plain_text(assignment: str, value: str) -> None:
    assert load([], [assignment], {}).model.name == value


def test_all_problems_are_said_at_once_with_their_origin(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[capture]\nfps = 0\n[matte]\nlow = 0.5\nhigh = 0.4\n")
    with pytest.raises(SettingsError) as caught:
        load([path, tmp_path / "missing.toml"], ["capture.fpz=3", "nonsense"], {})
    said = "\n".join(caught.value.problems)
    assert f"{path}: capture.fps = 0: input should be greater than 0" in said
    assert f"{path}: matte: low = 0.5 must be less than high = 0.4" in said
    assert "--set: capture.fpz: there is no such setting; did you mean capture.fps?" in said
    assert "--set nonsense: wanted section.key=value" in said
    assert "missing.toml: there is no such file" in said
    assert len(caught.value.problems) == 5


def test_an_unknown_section_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"--set: captur: .* did you mean capture\?"):
        load([], ["captur.fps=3"], {})


@pytest.mark.parametrize("removed", REMOVED)
def test_a_setting_of_an_earlier_version_is_said_why_it_went(removed: str, tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    name, _, value = removed.partition(" = ")
    section, key = name.split(".")
    path.write_text(f"[{section}]\n{key} = {value or 1}\n")
    with pytest.raises(SettingsError) as caught:
        load([path], [], {})
    assert caught.value.problems == [f"{path}: {removed} {REMOVED[removed]}; delete the line"]


def test_a_file_that_is_no_toml_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[capture\n")
    with pytest.raises(SettingsError) as caught:
        load([path], [], {})
    assert len(caught.value.problems) == 1
    assert "\n" not in caught.value.problems[0]


def test_who_speaks_last_is_to_blame_for_what_does_not_fit_together(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config_text())
    with pytest.raises(SettingsError) as caught:
        load([path], ["matte.low=0.99"], {})
    assert caught.value.problems == ["--set: matte: low = 0.99 must be less than high = 0.98"]


def test_there_is_no_line_to_delete_of_a_removed_setting_on_the_command_line() -> None:
    with pytest.raises(SettingsError) as caught:
        load([], ["matte.refine=bilateral"], {})
    assert caught.value.problems[0].startswith("--set: matte.refine = 'bilateral' was removed")
    assert caught.value.problems[0].endswith("; leave it out")


def test_a_named_option_is_called_by_its_name() -> None:
    given = parse(["--device", "gpu"])
    with pytest.raises(SettingsError) as caught:
        load([], [], given.options, OPTION_NAMES)
    assert caught.value.problems == [
        "--device: model.device = 'gpu': wanted auto (cuda, then mps, then cpu), cpu, cuda, cuda:N "
        "or mps"
    ]


def test_every_option_that_sets_a_setting_has_its_name() -> None:
    words = [f"{name}={VALUES[name]}" if VALUES[name] else name for name in OPTION_NAMES.values()]
    options = parse(words).options
    named = {f"{section}.{key}" for section, keys in options.items() for key in keys}
    assert named == OPTION_NAMES.keys()


VALUES = {
    **dict.fromkeys(("--width", "--height", "--fps", "--zoom", "--rate"), "1"),
    **dict.fromkeys(("--model", "--precision", "--rotate"), "auto"),
    **dict.fromkeys(("--hw-decode", "--hw-encode"), "none"),
    **dict.fromkeys(("--mirror", "--flip"), ""),
    "--device": "cpu",
    "--crop": "0,0,1,1",
    "--size": "64x64",
    "--place": "1,top,left",
}


def test_a_size_may_be_a_number() -> None:
    assert load([], ["model.input_size=320"], {}).model.input_size == "320"
