"""Images and sequences of images as a source."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes import numbered_image
from u2cam.core.errors import SourceError
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.images import ImageSource, read_image


def write(path: Path, image_rgb: np.ndarray) -> Path:
    image_bgr = image_rgb[..., ::-1] if image_rgb.ndim == 3 else image_rgb
    assert cv2.imwrite(str(path), image_bgr)
    return path


def numbers(source: ImageSource) -> list[int]:
    """The numbers in the red channel of all frames."""
    found = []
    with source:
        while True:
            try:
                found.append(int(source.read().image[0, 0, 0]))
            except EndOfStream:
                return found


def with_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Insert an EXIF block with just the orientation."""
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def palette_png(indices: np.ndarray, palette: list[tuple[int, int, int]]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    height, width = indices.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in indices.astype(np.uint8))
    colors = bytes(value for color in palette for value in color)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", colors)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_a_single_image_is_one_frame_of_its_size(tmp_path: Path) -> None:
    source = ImageSource(write(tmp_path / "a.png", numbered_image(9)))
    assert source.single
    with source:
        assert source.info.frames == 1
        assert source.info.size_wh == (64, 36)
        assert np.array_equal(source.read().image, numbered_image(9))


def test_a_folder_comes_in_natural_order_without_other_files(tmp_path: Path) -> None:
    for number in (10, 9, 2, 1):
        write(tmp_path / f"shot{number}.png", numbered_image(number))
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / ".hidden.png").write_text("not an image either")
    (tmp_path / "folder.png").mkdir()
    source = ImageSource(tmp_path)
    assert not source.single
    assert numbers(source) == [1, 2, 9, 10]


@pytest.mark.parametrize("pattern", ["shot%d.png", "shot%02d.png"])
def test_a_pattern_takes_its_numbers_in_order_with_gaps(tmp_path: Path, pattern: str) -> None:
    for number in (7, 12, 110):
        write(tmp_path / (pattern % number), numbered_image(number))
    write(tmp_path / "shot1.jpg", numbered_image(200))
    write(tmp_path / "other7.png", numbered_image(201))
    source = ImageSource(tmp_path / pattern)
    assert not source.single
    assert numbers(source) == [7, 12, 110]


def test_zeros_in_a_pattern_ask_for_that_many_digits(tmp_path: Path) -> None:
    write(tmp_path / "shot1.png", numbered_image(1))
    write(tmp_path / "shot0002.png", numbered_image(2))
    assert numbers(ImageSource(tmp_path / "shot%04d.png")) == [2]


def test_a_file_with_a_percent_sign_is_taken_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "100%d.png", numbered_image(3))
    assert ImageSource(path).single
    assert numbers(ImageSource(path)) == [3]


def test_a_sequence_runs_at_the_asked_rate(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"{number}.png", numbered_image(number))
    with ImageSource(tmp_path, fps=12.5) as source:
        assert source.info.rate == Fraction(25, 2)
        frames = [source.read() for _ in range(3)]
    assert [frame.time_s for frame in frames] == [0.0, 0.08, 0.16]


def test_images_of_another_size_are_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path / "1.png", numbered_image(1))
    write(tmp_path / "2.png", numbered_image(2, (32, 32)))
    with ImageSource(tmp_path) as source:
        source.read()
        with pytest.raises(SourceError, match=r"2\.png: is 32x32, .* began with 64x36"):
            source.read()


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, "top left"), (3, "bottom right"), (6, "top right"), (8, "bottom left")],
)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, corner: str) -> None:
    image = np.zeros((32, 64, 3), np.uint8)
    image[:16, :16] = 255
    coded = cv2.imencode(".jpg", image)[1].tobytes()
    path = tmp_path / "phone.jpg"
    path.write_bytes(with_exif_orientation(coded, orientation))
    shown = read_image(path)
    assert shown.shape == ((32, 64, 3) if orientation in (1, 3) else (64, 32, 3))
    row, column = (0 if "top" in corner else -1), (0 if "left" in corner else -1)
    assert shown[row, column].min() > 200
    assert shown.mean() < 80


def test_16_bit_is_scaled_to_8(tmp_path: Path) -> None:
    deep = (numbered_image(5).astype(np.uint16) * 257)[..., ::-1]
    assert cv2.imwrite(str(tmp_path / "deep.png"), deep)
    shown = read_image(tmp_path / "deep.png").astype(int)
    assert np.abs(shown - numbered_image(5)).max() <= 1


def test_gray_and_palette_become_rgb(tmp_path: Path) -> None:
    gray = np.arange(36 * 64, dtype=np.uint16).reshape(36, 64).astype(np.uint8)
    shown = read_image(write(tmp_path / "gray.png", gray))
    assert np.array_equal(shown, np.dstack([gray] * 3))
    (tmp_path / "palette.png").write_bytes(
        palette_png(np.array([[0, 1], [2, 1]]), [(255, 0, 0), (0, 255, 0), (0, 0, 255)])
    )
    shown = read_image(tmp_path / "palette.png")
    assert shown.tolist() == [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 255, 0]]]


@pytest.mark.parametrize("bits", [8, 16])
def test_transparent_parts_show_black(tmp_path: Path, bits: int) -> None:
    full = 2**bits - 1
    image_bgra = np.full((4, 6, 4), full, np.uint8 if bits == 8 else np.uint16)
    image_bgra[..., 0] = 0
    image_bgra[:, :2, 3] = 0
    image_bgra[:, 2:4, 3] = full // 2 + 1
    assert cv2.imwrite(str(tmp_path / "glass.png"), image_bgra)
    shown = read_image(tmp_path / "glass.png")
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[0, 3].tolist() == [128, 128, 0]
    assert shown[0, 5].tolist() == [255, 255, 0]


def test_names_beyond_ascii_and_tiny_images_are_read(tmp_path: Path) -> None:
    coded = cv2.imencode(".png", np.full((1, 1, 3), 50, np.uint8))[1]
    path = tmp_path / "bücher 写真 🙂.png"
    path.write_bytes(coded.tobytes())
    assert read_image(path).tolist() == [[[50, 50, 50]]]


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n1234"])
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.png: not an image") as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [20, 60, -30])
def test_a_damaged_image_is_reported_by_us_alone(
    tmp_path: Path, cut: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for suffix in (".png", ".jpg", ".tif"):
        path = tmp_path / f"half{suffix}"
        path.write_bytes(cv2.imencode(suffix, numbered_image(0))[1].tobytes()[:cut])
        with pytest.raises(SourceError):
            read_image(path)
    assert capfd.readouterr().err == ""


def test_a_header_that_promises_an_absurd_size_is_refused(tmp_path: Path) -> None:
    coded = bytearray(cv2.imencode(".png", numbered_image(0))[1].tobytes())
    coded[16:24] = struct.pack(">II", 2**30, 2**30)
    coded[29:33] = struct.pack(">I", zlib.crc32(bytes(coded[12:29])))
    path = tmp_path / "huge.png"
    path.write_bytes(bytes(coded))
    with pytest.raises(SourceError, match=r"huge\.png") as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_a_file_not_found_error(tmp_path: Path) -> None:
    for path in (tmp_path / "a.png", tmp_path / "a%d.png", tmp_path / "no" / "a%d.png"):
        with pytest.raises(FileNotFoundError), ImageSource(path):
            pass
