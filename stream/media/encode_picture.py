"""One finished picture to the bytes of a file, with an ICC profile where there is one.

Runs in the sink's thread. OpenCV writes PNG and JPEG without profiles, quickest, and TIFF, which
gets 16 bits a channel; Pillow writes the rest.
"""

import io
import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from u2cam.imaging.icc import from_srgb

_TO_BGR = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
_PILLOW: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95}),
    ".jpeg": ("JPEG", {"quality": 95}),
    ".webp": ("WEBP", {"quality": 95, "exact": True}),
    ".avif": ("AVIF", {"quality": 90}),
}
_OPENCV = {".png": [], ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 95]}
_OPENCV[".jpeg"] = _OPENCV[".jpg"]
_PROFILE, _EXTRA_SAMPLES = 34675, 338
_STRAIGHT = 2
"""TIFF 6.0: alpha that colours are not multiplied by."""


def encode_picture(image: NDArray[np.uint8], suffix: str, profile: bytes | None) -> bytes:
    """Encode a picture.

    Args:
        image: (H, W, 3) RGB, (H, W, 4) RGBA straight, or (H, W) gray; sRGB.
        suffix: the file's ending in lower case, one of `containers.IMAGE_KINDS`.
        profile: ICC profile to write it in; left out where it is no space for RGB.

    Raises:
        ValueError: the encoder refuses.
    """
    converted = None
    if profile is not None and image.ndim == 3:
        converted = from_srgb(np.ascontiguousarray(image[..., :3]), profile)
    if converted is None:
        profile = None
    else:
        image = np.concatenate([converted, image[..., 3:]], axis=2)
    if suffix in (".tif", ".tiff"):
        return _tiff(image, profile)
    if profile is None and suffix in _OPENCV:
        return _by_opencv(image, suffix, _OPENCV[suffix])
    kind, how = _PILLOW[suffix]
    if profile is not None:
        how = how | {"icc_profile": profile}
    held = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(held, kind, **how)
    return held.getvalue()


def _by_opencv(image: NDArray[Any], suffix: str, options: list[int]) -> bytes:
    if image.ndim == 3:
        image = cv2.cvtColor(image, _TO_BGR[image.shape[2]])
    done, encoded = cv2.imencode(suffix, image, options)
    if not done:
        raise ValueError("OpenCV could not encode a picture")
    return encoded.tobytes()


def _tiff(image: NDArray[np.uint8], profile: bytes | None) -> bytes:
    """Encode with 16 bits a channel, and add what OpenCV does not write."""
    file = _by_opencv(image.astype(np.uint16) * 257, ".tiff", [])
    tags: dict[int, bytes] = {}
    if image.ndim == 3 and image.shape[2] == 4:
        tags[_EXTRA_SAMPLES] = struct.pack("<HHIHH", _EXTRA_SAMPLES, 3, 1, _STRAIGHT, 0)
    if profile is not None:
        tags[_PROFILE] = struct.pack("<HHII", _PROFILE, 7, len(profile), len(file))
    return _with_tags(file, tags, profile or b"") if tags else file


def _with_tags(file: bytes, tags: dict[int, bytes], data: bytes) -> bytes:
    """Put tags (12 bytes each) into the one directory of a little-endian TIFF, data at its end."""
    (at,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, at)
    for number in range(count):
        entry = file[at + 2 + 12 * number : at + 14 + 12 * number]
        tags.setdefault(struct.unpack_from("<H", entry)[0], entry)
    body = file + data + bytes(len(file + data) % 2)
    directory = struct.pack("<H", len(tags)) + b"".join(tags[key] for key in sorted(tags))
    return body[:4] + struct.pack("<I", len(body)) + body[8:] + directory + bytes(4)
