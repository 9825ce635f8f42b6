"""The command line: what may be asked, and what it means in settings. Its imports are light."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from u2cam.cli.geometry import GEOMETRY_NAMES, add_geometry_options, geometry_settings
from u2cam.core.choices import BUILT_IN, FIRST_CAMERA, VIEWS, View
from u2cam.core.errors import UsageError

EXAMPLES = """\
examples:
  %(prog)s                                          first camera to the virtual camera
  %(prog)s -i 1 -b blur:8 -o virtual -o talk.mp4    second camera, blurred, and recorded
  %(prog)s -i talk.mp4 -o out.mp4 -b beach.jpg      a file, with its sound
  %(prog)s -i talk.mp4 -o matte.mkv --view matte    the matte alone, lossless
  %(prog)s -i photos/ -o cut/ --view cutout         every picture of a folder, under its name
  ffmpeg ... | %(prog)s -i - -o y4m:- | ffmpeg ...  between two other programs
  %(prog)s -i demo -o demo.mp4                      nothing at hand but the program
"""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line, checked for form; settings are laid over the files' by `u2cam.settings`."""

    input: str
    outputs: tuple[str, ...]
    background: str
    view: View
    raw_matte: bool
    live: bool | None
    """None where the input decides."""
    frames: int | None
    start_s: float
    end_s: float | None
    configs: tuple[Path, ...]
    assignments: tuple[str, ...]
    stats: Path | None
    quiet: bool
    verbose: bool
    action: str | None
    """`list_cameras`, `list_models` or `doctor` instead of a run."""
    json: bool = False
    """With `doctor`: as JSON, for a bug report."""
    options: dict[str, Any] = field(default_factory=dict)
    """Named options in the shape of the settings: {section: {key: value}}."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing the usage, so that every mistake is one line."""

    def error(self, message: str) -> NoReturn:
        unknown, _, word = message.partition("unrecognized arguments: ")
        if not unknown and not word.startswith("-"):
            message += "; an input is given with -i, an output with -o"
        raise UsageError(f"{message}; --help lists all options")


def parse(argv: Sequence[str] | None = None) -> Arguments:
    """Read the command line.

    Raises:
        UsageError: in one line.
        SystemExit: with code 0 after --help or --version.
    """
    given = _parser().parse_args(argv)
    geometry = geometry_settings(given)
    sections = {
        **geometry,
        "capture": {
            **geometry["capture"],
            "width": given.width,
            "height": given.height,
            "fps": given.fps,
        },
        "model": {"name": given.model, "device": given.device, "precision": given.precision},
        "hardware": {"decode": given.hw_decode, "encode": given.hw_encode},
    }
    options = {
        section: {key: value for key, value in keys.items() if value is not None}
        for section, keys in sections.items()
    }
    action = next((name for name in _ACTIONS if getattr(given, name)), None)
    if given.json and action != "doctor":
        raise UsageError("--json goes with --doctor; --stats FILE writes a run's figures as JSON")
    return Arguments(
        input=given.input,
        outputs=tuple(given.output or ()),
        background=given.background,
        view=given.view,
        raw_matte=given.raw_matte,
        live=given.live,
        frames=given.frames,
        start_s=given.start,
        end_s=given.end,
        configs=tuple(given.config or ()),
        assignments=tuple(given.set or ()),
        stats=given.stats,
        quiet=given.quiet,
        verbose=given.verbose,
        action=action,
        json=given.json,
        options={section: keys for section, keys in options.items() if keys},
    )


OPTION_NAMES = {
    "capture.width": "--width",
    "capture.height": "--height",
    "capture.fps": "--fps",
    "model.name": "--model",
    "model.device": "--device",
    "model.precision": "--precision",
    "hardware.decode": "--hw-decode",
    "hardware.encode": "--hw-encode",
    **GEOMETRY_NAMES,
}
"""What sets a setting from the command line: who is to blame for a wrong value."""

_ACTIONS = ("list_cameras", "list_models", "doctor")


def _positive_int(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"wanted a whole number above 0, got {text!r}")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"wanted seconds from 0 on, as 12.5, got {text!r}")
    return value


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError(f"wanted frames per second up to 1000, got {text!r}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="u2cam",
        description="Replaces the background of a camera or a video, without a green screen.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_picture_options(parser)
    add_geometry_options(parser)
    _add_model_options(parser)
    _add_run_options(parser)
    _add_report_options(parser)
    return parser


def _add_picture_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("picture")
    group.add_argument(
        "-i",
        "--input",
        default=FIRST_CAMERA,
        help="camera index or /dev/videoN; a video file; an image; a folder or numbered pattern of "
        "images (shots/%%04d.png); a URL (rtsp, http); - (standard input: video, y4m, PNG, JPEG, "
        "or raw RGB24 of --width and --height); demo. Default: the first camera",
    )
    group.add_argument(
        "-o",
        "--output",
        action="append",
        help="virtual (the virtual camera; default for a live input), a file (mp4, mkv, mov, webm, "
        "gif, or png), a folder (out/ or out/*.jpg: pictures keep their names and sizes), window, "
        "null (measure only), - (standard output: Matroska; or y4m:-, rgb24:-, png:-). May be "
        "given more than once",
    )
    group.add_argument(
        "-b",
        "--background",
        default="blur",
        help="blur or blur:STRENGTH (percent of the height), #RRGGBB or a colour name, an image, a "
        f"video (looped), a folder (slide show), none, or one of: {', '.join(BUILT_IN)}. "
        "Default: blur",
    )
    group.add_argument(
        "--view",
        choices=VIEWS,
        default="composite",
        help="what to show: the finished picture, the matte, the person over black, the person "
        "with an alpha channel, or frame and composite beside each other. Default: composite",
    )
    group.add_argument(
        "--raw-matte",
        action="store_true",
        help="the network's own matte, only resized: to compare networks",
    )


def _add_model_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("network")
    group.add_argument(
        "-m",
        "--model",
        help="auto, a name from --list-models, or a .pth file in the official U²-Net key layout. "
        "Default: auto",
    )
    group.add_argument(
        "--device",
        help="auto, cpu, cuda, cuda:N or mps; one that is not there is an error. Default: auto",
    )
    group.add_argument(
        "--precision", choices=("auto", "fp32", "fp16", "bf16"), help="Default: auto"
    )


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("run")
    pace = group.add_mutually_exclusive_group()
    pace.add_argument(
        "--live",
        dest="live",
        action="store_true",
        default=None,
        help="drop frames rather than fall behind; a file is paced at its own rate. Default for "
        "cameras and streams",
    )
    pace.add_argument(
        "--offline",
        dest="live",
        action="store_false",
        help="every frame counts, as fast as it goes. Default for files and images",
    )
    group.add_argument(
        "--width", type=_positive_int, help="capture width in pixels, or of raw pictures"
    )
    group.add_argument(
        "--height", type=_positive_int, help="capture height in pixels, or of raw pictures"
    )
    group.add_argument(
        "--fps", type=_rate, help="capture rate; of a folder of images or raw pictures: their rate"
    )
    group.add_argument("--frames", type=_positive_int, metavar="N", help="stop after N frames")
    group.add_argument(
        "--start", type=_seconds, default=0.0, metavar="S", help="begin a file S seconds in"
    )
    group.add_argument("--end", type=_seconds, metavar="S", help="end at second S of the input")
    group.add_argument(
        "--hw-decode",
        metavar="KIND",
        help="decode files with nvdec, qsv, vaapi, videotoolbox or d3d11va, where that works, or "
        "none. Default: auto, which is nvdec where the network runs on CUDA",
    )
    group.add_argument(
        "--hw-encode",
        metavar="KIND",
        help="encode H.264 with nvenc or qsv, where that works, or none. Default: auto, which is "
        "nvenc where the network runs on CUDA",
    )
    group.add_argument(
        "--config", action="append", type=Path, metavar="FILE", help="settings over config.toml"
    )
    group.add_argument(
        "--set", action="append", metavar="SECTION.KEY=VALUE", help="one setting over all files"
    )


class _ShowVersion(argparse.Action):
    """Prints the versions and ends; they are looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from u2cam.cli.version import show_version

        show_version()
        parser.exit()


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("report")
    group.add_argument(
        "--version",
        action=_ShowVersion,
        nargs=0,
        help="show the versions of the program and of what it works with, then end",
    )
    group.add_argument("--list-cameras", action="store_true", help="show the cameras, then end")
    group.add_argument("--list-models", action="store_true", help="show the networks, then end")
    group.add_argument(
        "--doctor",
        action="store_true",
        help="check whether what the other options ask for would work here, say what to do where "
        "it would not, then end",
    )
    group.add_argument(
        "--json",
        action="store_true",
        help="with --doctor: as JSON without personal data, for bug reports",
    )
    group.add_argument(
        "--stats", type=Path, metavar="FILE", help="write a summary of the run as JSON"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="no progress, only errors")
    group.add_argument("-v", "--verbose", action="store_true", help="say more")
