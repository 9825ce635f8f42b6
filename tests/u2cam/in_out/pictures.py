"""Still and moving pictures: what is read and what is written."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.color_science import CHART, delta_e, hdr_signal
from tests.imaging.test_pictures import chunk
from tests.media import read_number, read_times, scene
from tests.pictures import animation, cmyk_profile, grid_heic, icc_profile, in_profile, still
from tests.u2cam.in_out.program import done, nothing, refused, right_half
from tests.u2cam.in_out.table import NONE, Cell, Row, Table

ImageU8 = NDArray[np.uint8]
SIZE_WH, TIMES_MS = (96, 64), [40, 200, 70]
P3 = icc_profile("smpte432")
FINE: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}


def chart() -> ImageU8:
    """Return the colour chart as stripes of 16 pixels."""
    return np.repeat(CHART.astype(np.uint8), 16, axis=0)[None].repeat(16, 0)


def shown(path: Path) -> ImageU8:
    """Return a written picture as Pillow sees it."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def near(one: ImageU8, other: ImageU8) -> None:
    """Fail where two pictures differ by more than lossy coding does."""
    assert one.shape == other.shape
    assert np.abs(one.astype(int) - other).mean() < 3


def _by_opencv(suffix: str, image: ImageU8) -> bytes:
    return bytes(cv2.imencode(suffix, image[..., ::-1])[1])


def _by_pillow(kind: str, image: ImageU8) -> bytes:
    return still(image, kind, **FINE.get(kind, {}))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of picture: how a file of it is made, and what the program writes."""

    name: str
    ending: str
    make: Callable[[ImageU8], bytes]
    written: str = ""
    """What the document says beside "yes"; refused where empty."""
    alpha: Literal["yes", "all or nothing", "refused"] = "refused"
    profile: bool = False
    moves: Literal["", "read", "read and written"] = ""
    colours: int = 2**24

    def row(self) -> Row:
        """Return what is claimed of it."""
        refusal = partial(_cannot_be_written, self.ending)
        cells = [Cell("yes", partial(_is_read, self.make, self.colours))]
        if not self.written:
            moving = Cell("", None) if not self.moves else Cell("read", partial(_moves_in, self))
            return Row(
                self.name,
                (*cells, Cell("refused", refusal), Cell("", None), Cell("", None), moving),
            )
        cells.append(Cell(self.written, partial(_is_written, self)))
        cells.append(Cell(self.alpha, partial(_alpha_is_written, self)))
        if self.profile:
            cells.append(Cell("written back", partial(_profile_comes_back, self)))
        else:
            cells.append(Cell("colours are sRGB", partial(_profile_is_gone, self)))
        if self.moves:
            cells.append(Cell(self.moves, partial(_moves, self)))
        else:
            cells.append(Cell("one picture", partial(_holds_one, self)))
        return Row(self.name, tuple(cells))


def _is_read(make: Callable[[ImageU8], bytes], colours: int, folder: Path) -> None:
    """As input and as background, by what the file holds and not by its name."""
    image, black = scene(5, SIZE_WH), folder / "black.png"
    (folder / "any.bin").write_bytes(make(image))
    cv2.imwrite(str(black), np.zeros_like(image))
    done(folder / "any.bin", folder / "as_input.png", "-b", "none", "--frames", "1")
    background = ("-b", str(folder / "any.bin"), "--set", "color.light_wrap=0")
    done(black, folder / "as_background.png", *background, alpha=nothing)
    for name in ("as_input.png", "as_background.png"):
        if colours < 2**24:
            apart = np.abs(shown(folder / name).astype(int) - image)
            assert apart.mean() < 8
        else:
            near(shown(folder / name), image)


def _plain(folder: Path, image: ImageU8 | None = None) -> Path:
    path = folder / "plain.png"
    path.write_bytes(still(scene(5, SIZE_WH) if image is None else image, "PNG"))
    return path


def _cannot_be_written(ending: str, folder: Path) -> None:
    refused(_plain(folder), folder / f"out{ending}", names="unknown ending")


def _is_written(kind: Kind, folder: Path) -> None:
    out = folder / f"out{kind.ending}"
    done(_plain(folder), out)
    assert np.abs(shown(out).astype(int) - scene(5, SIZE_WH)).mean() < (
        3 if kind.colours == 2**24 else 8
    )
    if "16 bits" in kind.written:
        _, pages = cv2.imreadmulti(str(out), flags=cv2.IMREAD_UNCHANGED)
        assert pages[0].dtype == np.uint16


def _alpha_is_written(kind: Kind, folder: Path) -> None:
    out = folder / f"out{kind.ending}"
    if kind.alpha == "refused":
        refused(_plain(folder), out, "--view", "cutout", names="cannot hold alpha")
        return
    done(_plain(folder), out, "--view", "cutout", alpha=right_half)
    with Image.open(out) as image:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert alpha[:, :24].max() == 0
    assert alpha[:, 72:].min() >= 254
    values = np.unique(alpha)
    assert (values.size == 2) == (kind.alpha == "all or nothing")


def _with_profile(folder: Path) -> Path:
    path = folder / "p3.png"
    path.write_bytes(still(np.repeat(_p3(), 2, 0), "PNG", icc_profile=P3))
    return path


def _p3() -> ImageU8:
    stripes = in_profile(CHART, "smpte432")
    return np.repeat(stripes, 16, axis=0)[None].repeat(16, 0)


def _profile_comes_back(kind: Kind, folder: Path) -> None:
    out, other = folder / f"out{kind.ending}", folder / f"srgb{kind.ending}"
    done(_with_profile(folder), out)
    done(_with_profile(folder), other, "-b", "none", "--set", "output.icc=srgb")
    with Image.open(out) as image:
        assert image.info["icc_profile"] == P3
    assert np.abs(shown(out)[8, 8::16].astype(int) - in_profile(CHART, "smpte432")).max() <= 6
    with Image.open(other) as image:
        assert "icc_profile" not in image.info
    assert delta_e(shown(other)[8, 8::16].astype(float), CHART).max() < 3


def _profile_is_gone(kind: Kind, folder: Path) -> None:
    out = folder / f"out{kind.ending}"
    done(_with_profile(folder), out)
    with Image.open(out) as image:
        assert "icc_profile" not in image.info
    assert np.median(delta_e(shown(out)[8, 8::16].astype(float), CHART)) < 6


def _moves_in(kind: Kind, folder: Path) -> None:
    """Every frame comes with its time, and transparent parts as in a still."""
    path = folder / "moving.bin"
    name = kind.name.split()[0].upper()
    path.write_bytes(animation([scene(n, SIZE_WH) for n in range(3)], TIMES_MS, name))
    done(path, folder / "out.mkv")
    assert [round(1000 * one) for one in read_times(folder / "out.mkv")] == [0, 40, 240]


def _moves(kind: Kind, folder: Path) -> None:
    _moves_in(kind, folder)
    out = folder / f"again{kind.ending}"
    if kind.moves == "read":
        ran = run_moving(folder, out)
        assert ran == 2
        assert not out.exists()
        return
    done(folder / "moving.bin", out)
    with Image.open(out) as image:
        seen = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            seen.append((read_number(np.asarray(image.convert("RGB"))), image.info["duration"]))
    assert seen == [(0, 40), (1, 200), (2, 70)]


def run_moving(folder: Path, out: Path) -> int:
    """Write an animation into a file that holds one picture; return the exit code."""
    from tests.u2cam.in_out.program import run

    ran = run(folder / "moving.bin", out, "-b", "none")
    assert "holds one picture" in ran.line
    return ran.code


def _holds_one(kind: Kind, folder: Path) -> None:
    (folder / "moving.bin").write_bytes(
        animation([scene(n, SIZE_WH) for n in range(3)], TIMES_MS, "WEBP")
    )
    assert run_moving(folder, folder / f"again{kind.ending}") == 2
    done(folder / "moving.bin", folder / f"%d{kind.ending}")
    written = [folder / f"{number}{kind.ending}" for number in (1, 2, 3)]
    assert [read_number(shown(one)) for one in written] == [0, 1, 2]


KINDS = [
    Kind("JPEG", ".jpg", partial(_by_pillow, "JPEG"), "yes", profile=True),
    Kind("PNG", ".png", partial(_by_pillow, "PNG"), "yes", "yes", True, "read"),
    Kind("WebP", ".webp", partial(_by_pillow, "WEBP"), "yes", "yes", True, "read and written"),
    Kind("TIFF", ".tif", partial(_by_pillow, "TIFF"), "yes, 16 bits a channel", "yes", True),
    Kind("AVIF", ".avif", partial(_by_pillow, "AVIF"), "yes", "yes", True, "read"),
    Kind(
        "GIF",
        ".gif",
        partial(_by_pillow, "GIF"),
        "yes",
        "all or nothing",
        False,
        "read and written",
        256,
    ),
    Kind("HEIC of one tile", ".heic", partial(grid_heic, tile=96)),
    Kind("HEIC of many tiles", ".heic", partial(grid_heic, tile=32)),
    Kind("BMP", ".bmp", partial(_by_opencv, ".bmp")),
    Kind("JPEG 2000", ".jp2", partial(_by_opencv, ".jp2")),
    Kind("Netpbm", ".ppm", partial(_by_opencv, ".ppm")),
]


def _jpeg_xl_is_refused(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100))
    refused(folder / "a.jpg", folder / "out.png", names="JPEG XL")
    refused(_plain(folder), folder / "out.png", "-b", str(folder / "a.jpg"), names="JPEG XL")


JPEG_XL = Row(
    "JPEG XL",
    (
        Cell("refused: convert it to PNG", _jpeg_xl_is_refused),
        Cell("refused", partial(_cannot_be_written, ".jxl")),
        *(3 * [Cell("", None)]),
    ),
)


# What else a picture brings


def _upright(folder: Path) -> None:
    image, exif = scene(3, SIZE_WH), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    (folder / "a.jpg").write_bytes(still(image, "JPEG", exif=exif, **FINE["JPEG"]))
    (folder / "b.heic").write_bytes(grid_heic(image, 32, turns=3))
    for name in ("a.jpg", "b.heic"):
        done(folder / name, folder / "out.png")
        near(shown(folder / "out.png"), np.rot90(image, 3))


def _inks_and_gray(folder: Path) -> None:
    held = io.BytesIO()
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[..., 0] = 255
    profile = cmyk_profile((60, -20, -20))
    Image.fromarray(inks, "CMYK").save(held, "JPEG", quality=100, icc_profile=profile)
    (folder / "inks.jpg").write_bytes(held.getvalue())
    done(folder / "inks.jpg", folder / "out.png")
    with Image.open(folder / "out.png") as image:
        assert "icc_profile" not in image.info
        red, green, blue = np.asarray(image)[8, 8].tolist()
    assert red < green < blue  # a cyan, as the profile's table says


def _high_range(folder: Path) -> None:
    signal = np.rint(255 * hdr_signal(CHART, "smpte2084", "bt2020")).astype(np.uint8)
    data = still(np.repeat(signal, 16, axis=0)[None].repeat(16, 0), "PNG")
    at = data.index(b"IDAT") - 4
    stated = chunk(b"cICP", bytes([9, 16, 0, 1]))
    (folder / "a.png").write_bytes(data[:at] + stated + data[at:])
    done(folder / "a.png", folder / "out.png")
    assert np.median(delta_e(shown(folder / "out.png")[8, 8::16].astype(float), CHART)) < 3


def _half_clear(folder: Path) -> Path:
    image = np.dstack([scene(1, SIZE_WH), np.full((64, 96), 255, np.uint8)])
    image[:, :48, 3] = 0
    (folder / "clear.png").write_bytes(still(image, "PNG"))
    return folder / "clear.png"


def _background_shows_in_clear_input(folder: Path) -> None:
    more = ("-b", "#0047bb", "--set", "color.light_wrap=0")
    done(_half_clear(folder), folder / "out.png", *more)
    written = shown(folder / "out.png")
    assert np.all(written[:, :40] == (0x00, 0x47, 0xBB))
    near(written[:, 56:], scene(1, SIZE_WH)[:, 56:])
    done(_half_clear(folder), folder / "again.png", "--view", "cutout")
    with Image.open(folder / "again.png") as image:
        assert np.asarray(image)[..., 3].tolist() == 64 * [48 * [0] + 48 * [255]]


def _clear_background(color: str, folder: Path) -> None:
    wanted = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    more = ["-b", str(_half_clear(folder)), "--set", "color.light_wrap=0"]
    more += [] if color == "#000000" else ["--set", f"background.transparent={color}"]
    done(_plain(folder), folder / "out.png", *more, alpha=nothing)
    assert shown(folder / "out.png")[32, 20].tolist() == wanted


def _deep(folder: Path) -> None:
    image = scene(2, SIZE_WH).astype(np.uint16) * 257
    cv2.imwrite(str(folder / "deep.png"), image[..., ::-1])
    done(folder / "deep.png", folder / "out.png")
    assert np.array_equal(shown(folder / "out.png"), scene(2, SIZE_WH))


def _keep_names(folder: Path) -> None:
    (folder / "shots").mkdir()
    for name, size_wh in (("a.jpg", (96, 64)), ("b.png", (64, 96))):
        kind = {"jpg": "JPEG", "png": "PNG"}[name[2:]]
        (folder / "shots" / name).write_bytes(still(scene(1, size_wh), kind, **FINE.get(kind, {})))
    (folder / "out").mkdir()
    done(folder / "shots", folder / "out")
    for name, size_wh in (("a.jpg", (96, 64)), ("b.png", (64, 96))):
        near(shown(folder / "out" / name), scene(1, size_wh))


def _numbered(folder: Path) -> None:
    (folder / "shots").mkdir()
    for number in (9, 10):
        path = folder / "shots" / f"shot{number}.png"
        path.write_bytes(still(scene(number, SIZE_WH), "PNG"))
    done(folder / "shots", folder / "%03d.png")
    written = [folder / name for name in ("001.png", "002.png")]
    assert [read_number(shown(one)) for one in written] == [9, 10]


PICTURES = Table(
    "Pictures; the contents of a file decide what it is, not its name:",
    ("picture", "read, as input and as background", "written", "alpha", "ICC profile", "animation"),
    [*(kind.row() for kind in KINDS), JPEG_XL],
)
OF_PICTURES = Table(
    "What else they bring:",
    ("in a picture", "by default", "other choice"),
    [
        Row("turned by EXIF or HEIF", (Cell("upright", _upright), NONE)),
        Row(
            "ICC profile for RGB",
            (
                Cell("converted to sRGB, written back", partial(_profile_comes_back, KINDS[0])),
                Cell("`output.icc = srgb` leaves it out", partial(_profile_comes_back, KINDS[1])),
            ),
        ),
        Row("ICC profile for inks", (Cell("converted to sRGB", _inks_and_gray), NONE)),
        Row("PNG that says PQ or HLG (cICP)", (Cell("converted to sRGB", _high_range), NONE)),
        Row("16 bits a channel", (Cell("8 bits", _deep), NONE)),
        Row(
            "clear parts of an input",
            (
                Cell(
                    "the background shows there; a cut-out stays one",
                    _background_shows_in_clear_input,
                ),
                NONE,
            ),
        ),
        Row(
            "clear parts of a background",
            (
                Cell("black", partial(_clear_background, "#000000")),
                Cell("`background.transparent`", partial(_clear_background, "#0047bb")),
            ),
        ),
        Row(
            "a folder of pictures",
            (
                Cell("into a folder: each with its name and size", _keep_names),
                Cell("`-o out/%04d.png`: in natural order, 9 before 10", _numbered),
            ),
        ),
    ],
)
