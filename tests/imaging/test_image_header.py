import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.imaging.image_header import image_size


@pytest.mark.parametrize("size_wh", [(1, 1), (37, 21), (300, 1000)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm", ".jp2"])
def test_the_header_tells_what_the_decoder_finds(suffix: str, size_wh: tuple[int, int]) -> None:
    if suffix == ".jp2" and min(size_wh) < 32:
        pytest.skip("its encoder has no way to")
    image = np.full((size_wh[1], size_wh[0], 3), 99, np.uint8)
    coded = cv2.imencode(suffix, image)[1].tobytes()
    assert image_size(coded) == size_wh


def test_lossless_webp_is_known_too() -> None:
    image = np.zeros((21, 300, 3), np.uint8)
    coded = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    assert coded[12:16] == b"VP8L"
    assert image_size(coded) == (300, 21)


def test_animated_webp_and_big_endian_tiff_and_gif() -> None:
    webp = b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\x02\0\0\0" + b"\x3f\x1f\0" + b"\xff\0\0"
    assert image_size(webp) == (0x1F40, 256)
    tiff = b"MM\0*" + struct.pack(">IHHHIHHHHIHH", 8, 2, 256, 3, 1, 700, 0, 257, 3, 1, 500, 0)
    assert image_size(tiff) == (700, 500)
    assert image_size(b"GIF89a" + struct.pack("<HH", 12, 34)) == (12, 34)


def test_a_comment_in_a_pgm_is_passed_over() -> None:
    assert image_size(b"P5\n# made by hand 9 9\n640 480\n255\n") == (640, 480)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm", ".jp2"])
def test_no_cut_and_no_noise_is_worse_than_not_known(suffix: str) -> None:
    whole = cv2.imencode(suffix, np.full((40, 60, 3), 7, np.uint8))[1].tobytes()
    noise = np.random.default_rng(0)
    for length in range(min(len(whole), 200)):
        found = image_size(whole[:length])
        assert found in (None, (60, 40))
        damaged = bytearray(whole)
        damaged[length] = noise.integers(256)
        image_size(bytes(damaged))


def test_what_is_no_image_is_not_known(tmp_path: Path) -> None:
    assert image_size(b"") is None
    assert image_size(b"hello") is None
