"""Still pictures of every kind, as inputs and as backgrounds."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.color_science import CHART, delta_e, hdr_signal, lab
from tests.media import scene
from tests.pictures import cmyk_profile, grid_heic, icc_profile, in_profile, still
from u2cam.core.errors import BackgroundError, SourceError
from u2cam.effects.backgrounds.base import Replacement
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.settings import BackgroundSettings
from u2cam.imaging.image_header import image_size
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.images import ImageSource, read_image, read_still
from u2cam.stream.sources.pictures import picture_source

Read = Callable[[Path], np.ndarray]


def as_input(path: Path) -> np.ndarray:
    source = picture_source(str(path), fps=None, limits=LimitsSettings())
    assert source is not None
    with source:
        return source.read().image


def as_background(path: Path) -> np.ndarray:
    background = parse_background(str(path), BackgroundSettings())
    assert isinstance(background, Replacement)
    height, width = as_input(path).shape[:2]
    return background.picture((width, height), 0.0)


@pytest.fixture(params=[as_input, as_background])
def read(request: pytest.FixtureRequest) -> Read:
    return request.param


def stripes(colors: np.ndarray, side: int = 16) -> np.ndarray:
    return np.repeat(colors.astype(np.uint8), side, axis=0)[None].repeat(side, 0)


@pytest.mark.parametrize("name", ["a.heic", "a.jpg", "a.png", "a"])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_heic_of_tiles_is_whole_and_upright_whatever_its_name(
    tmp_path: Path, read: Read, name: str, turns: int
) -> None:
    image = scene(5, (200, 150))
    path = tmp_path / name
    path.write_bytes(grid_heic(image, 64, turns))
    shown = read(path)
    assert shown.shape == np.rot90(image, turns).shape
    assert np.abs(shown.astype(int) - np.rot90(image, turns)).mean() < 2


def test_the_size_of_a_heic_is_that_of_the_whole_and_known_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = grid_heic(scene(1, (200, 150)))
    assert image_size(data) == (200, 150)
    (tmp_path / "a.heic").write_bytes(data)
    monkeypatch.setattr("pillow_heif.open_heif", lambda *_a, **_k: pytest.fail("decoded"))
    with pytest.raises(SourceError, match=r"200x150 is more than limits\.max_width = 100"):
        read_image(tmp_path / "a.heic", LimitsSettings(max_width=100))


def test_a_damaged_heic_is_one_line(tmp_path: Path) -> None:
    data = grid_heic(scene(1, (200, 150)))
    (tmp_path / "a.heic").write_bytes(data[: len(data) // 3])
    with pytest.raises(SourceError, match=r"a\.heic: a HEIC picture that is damaged"):
        read_image(tmp_path / "a.heic")


@pytest.mark.parametrize("start", [b"\xff\x0a\x00\x10", b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"])
@pytest.mark.parametrize("name", ["a.jxl", "a.jpg"])
def test_jpeg_xl_is_refused_in_one_line(tmp_path: Path, start: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(start + bytes(100))
    with pytest.raises(SourceError, match="JPEG XL picture, which cannot be read here"):
        as_input(path)
    with pytest.raises(BackgroundError, match="JPEG XL picture, which cannot be read here"):
        parse_background(str(path), BackgroundSettings())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(("primaries", "gamma"), [("smpte432", 2.2), ("bt2020", 1.8)])
def test_a_profile_is_converted_to_srgb(
    tmp_path: Path, read: Read, kind: str, primaries: str, gamma: float
) -> None:
    how = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    if kind == "AVIF":
        how = {"quality": 100, "subsampling": "4:4:4"}
    profile = icc_profile(primaries, gamma)
    image = stripes(in_profile(CHART, primaries, gamma))
    path = tmp_path / "a.bin"
    path.write_bytes(still(image, kind, icc_profile=profile, **how))
    assert delta_e(read(path)[8, 8::16], CHART).max() < 3
    assert read_still(path).icc == profile


def test_a_profile_of_a_deep_tiff_is_converted_too(tmp_path: Path, read: Read) -> None:
    profile = icc_profile("smpte432")
    image = stripes(in_profile(CHART, "smpte432"))
    height, width = image.shape[:2]
    pixels = (image.astype(np.uint16) * 257).tobytes()
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 2), (273, 4, 1, 16), (277, 3, 1, 3), (278, 4, 1, height)]
    entries += [(279, 4, 1, len(pixels)), (34675, 7, len(profile), 16 + len(pixels))]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    at = 16 + len(pixels) + len(profile)
    file = b"II*\0" + struct.pack("<I", at) + struct.pack("<HHH", 16, 16, 16) + b"\0\0"
    path = tmp_path / "a.tif"
    path.write_bytes(file + pixels + profile + directory)
    assert delta_e(read(path)[8, 8::16], CHART).max() < 3


def test_four_inks_are_converted_by_their_profile(tmp_path: Path, read: Read) -> None:
    profile = cmyk_profile((60, -20, -20))
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[:, :8, 0] = 255  # cyan
    held = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(held, "JPEG", quality=100, icc_profile=profile)
    (tmp_path / "a.jpg").write_bytes(held.getvalue())
    shown = read(tmp_path / "a.jpg")
    apart = lab(shown[8, 2].astype(float)) - np.array([60, -20, -20])
    assert np.abs(apart).max() < 4  # Lab of D50 and of D65 differ a little
    assert shown[8, 13].min() > 250
    assert read_still(tmp_path / "a.jpg").icc is None  # no space to write RGB in


def test_gray_with_a_profile_is_converted(tmp_path: Path, read: Read) -> None:
    # The same curve as a gray profile: kTRC and white alone.
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * 1.0)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    head = struct.pack(">I4sI4s4s4s", 196, b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + struct.pack(">3i", 63190, 65536, 54061)
    table = struct.pack(">I4sII4sII", 2, b"wtpt", 156, 20, b"kTRC", 176, 16)
    profile = (head.ljust(128, b"\0") + table + white + curve).ljust(196, b"\0")
    light = np.full((8, 8), 55, np.uint8)  # linear
    (tmp_path / "a.png").write_bytes(still(light, "PNG", icc_profile=profile))
    shown = read(tmp_path / "a.png")
    assert np.abs(shown.astype(int) - 128).max() <= 2


def test_a_profile_that_is_srgb_changes_nothing(tmp_path: Path, read: Read) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(still(image, "PNG", icc_profile=profile))
    assert np.array_equal(read(tmp_path / "a.png"), image)


@pytest.mark.parametrize("profile", [b"", b"nothing", bytes(500)])
def test_a_profile_that_is_none_changes_nothing(tmp_path: Path, profile: bytes) -> None:
    image = scene(1, (64, 48))
    (tmp_path / "a.png").write_bytes(still(image, "PNG", icc_profile=profile))
    assert np.array_equal(as_input(tmp_path / "a.png"), image)
    assert read_still(tmp_path / "a.png").icc is None


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(("transfer", "number"), [("smpte2084", 16), ("arib-std-b67", 18)])
def test_a_png_of_high_range_is_brought_to_standard_range(
    tmp_path: Path, read: Read, transfer: str, number: int
) -> None:
    signal = np.rint(255 * hdr_signal(CHART, transfer, "bt2020"))
    data = still(stripes(signal), "PNG")
    at = data.index(b"IDAT") - 4
    stated = chunk(b"cICP", bytes([9, number, 0, 1]))
    (tmp_path / "a.png").write_bytes(data[:at] + stated + data[at:])
    # 8 bits of PQ are coarse.
    assert np.median(delta_e(read(tmp_path / "a.png")[8, 8::16], CHART)) < 3


def half_clear() -> np.ndarray:
    image = np.zeros((36, 64, 4), np.uint8)
    image[:, :32] = (200, 40, 60, 255)
    image[:, 32:] = (0, 255, 0, 0)  # hidden green
    image[:, 24:32, 3] = 128
    return image


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "GIF"])
def test_clear_parts_of_a_background_show_the_colour_of_their_setting(
    tmp_path: Path, kind: str
) -> None:
    how = {"WEBP": {"lossless": True, "exact": True}, "AVIF": {"quality": 100}}.get(kind, {})
    path = tmp_path / "a.bin"
    path.write_bytes(still(half_clear(), kind, **how))
    for setting, color in (("#000000", (0, 0, 0)), ("#0047bb", (0, 71, 187))):
        background = parse_background(str(path), BackgroundSettings(transparent=setting))
        assert isinstance(background, Replacement)
        shown = background.picture((64, 36), 0.0).astype(int)
        assert np.abs(shown[18, 60] - color).max() <= 3
        assert np.abs(shown[18, 4] - (200, 40, 60)).max() <= 3
        if kind == "GIF":
            continue  # its alpha is all or nothing
        between = np.rint((np.array([200, 40, 60]) * 128 + np.array(color) * 127) / 255)
        assert np.abs(shown[18, 28] - between).max() <= 4


def test_clear_parts_of_slides_show_that_colour_too(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(still(half_clear(), "PNG"))
    background = parse_background(str(tmp_path), BackgroundSettings(transparent="#ffffff"))
    assert isinstance(background, Replacement)
    assert background.picture((64, 36), 0.0)[18, 60].tolist() == [255, 255, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_with_alpha_are_turned_as_exif_says(
    tmp_path: Path, read: Read, orientation: int
) -> None:
    image = np.dstack([scene(3, (40, 24)), np.full((24, 40), 255, np.uint8)])
    image[0, 0, 3] = 254  # so that it is not left out
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain, clear = tmp_path / "a.jpg", tmp_path / "a.png"
    coded = still(image[..., :3], "JPEG", quality=100, subsampling=0, exif=exif)
    plain.write_bytes(coded)
    clear.write_bytes(still(image, "PNG", exif=exif))
    assert np.abs(read(clear).astype(int) - cv2.imread(str(plain))[..., ::-1]).mean() < 4


def test_a_video_named_like_a_picture_is_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\0\0\0\x1cftypisom" + bytes(100))
    assert picture_source(str(path), fps=None, limits=LimitsSettings()) is None
    assert isinstance(
        picture_source(str(tmp_path / "not_there.png"), fps=None, limits=LimitsSettings()),
        ImageSource,
    )


def test_the_pictures_of_the_cases(shared_dir: Path) -> None:
    cases = shared_dir / "cases"
    whole = as_input(cases / "grid.heic")
    assert whole.shape == (720, 1280, 3)
    assert np.array_equal(as_background(cases / "grid.heic"), whole)
    # The tiles that were left out are no repetition of the first.
    assert np.abs(whole[512:, 512:1024].astype(int) - whole[:208, :512]).mean() > 5
    assert read_still(cases / "p3.jpg").icc is not None
    assert np.array_equal(as_background(cases / "p3.jpg"), as_input(cases / "p3.jpg"))
    plain = cv2.imread(str(cases / "p3.jpg"))[..., ::-1]
    assert np.abs(as_input(cases / "p3.jpg").astype(int) - plain).max() > 10
