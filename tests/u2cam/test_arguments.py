import pytest

from u2cam.cli.arguments import parse
from u2cam.core.errors import UsageError


def test_nothing_said_means_first_camera_and_default_output() -> None:
    arguments = parse([])
    assert (arguments.input, arguments.outputs, arguments.live) == ("camera", (), None)
    assert arguments.options == {}


def test_named_options_take_the_shape_of_the_settings() -> None:
    arguments = parse(["--device", "cpu", "--width", "640", "--fps", "15", "-m", "u2netp"])
    assert arguments.options == {
        "model": {"device": "cpu", "name": "u2netp"},
        "capture": {"width": 640, "fps": 15.0},
    }


def test_hardware_is_named_for_each_direction() -> None:
    arguments = parse(["--hw-decode", "nvdec", "--hw-encode", "none"])
    assert arguments.options == {"hardware": {"decode": "nvdec", "encode": "none"}}


def test_output_may_be_given_more_than_once() -> None:
    assert parse(["-o", "virtual", "-o", "a.mp4"]).outputs == ("virtual", "a.mp4")


@pytest.mark.parametrize(("option", "live"), [("--live", True), ("--offline", False)])
def test_pace_can_be_forced(option: str, live: bool) -> None:
    assert parse([option]).live is live


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--live", "--offline"], "not allowed with"),
        (["--frames", "0"], "--frames: wanted a whole number above 0, got '0'"),
        (["--frames", "many"], "--frames: wanted a whole number above 0, got 'many'"),
        (["--start", "-1"], "--start: wanted seconds from 0 on, as 12.5, got '-1'"),
        (["--start", "inf"], "--start: wanted seconds from 0 on, as 12.5, got 'inf'"),
        (["--fps", "nan"], "--fps: wanted frames per second up to 1000, got 'nan'"),
        (["--view", "upside-down"], "choose from"),
        (["--precision", "fp8"], "choose from"),
        (["--nonsense"], "--nonsense; --help lists"),
        (["stray"], "stray; an input is given with -i, an output with -o; --help lists"),
    ],
)
def test_a_mistake_is_one_line(argv: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)
    assert "\n" not in str(caught.value)
    assert said in str(caught.value)


def test_help_has_groups_defaults_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--help"])
    text = capsys.readouterr().out
    assert caught.value.code == 0
    for part in ("picture:", "network:", "run:", "report:", "examples:", "Default: blur"):
        assert part in text
