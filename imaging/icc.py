"""ICC profiles of pictures: to sRGB, in which all work is done, and back. LittleCMS does it.

Relative colorimetric with black point compensation, as picture editors convert. Profiles of
computer screens cut what lies outside of sRGB.
"""

import io
import logging
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from u2cam.core.arrays import ImageU8

_log = logging.getLogger(__name__)

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Colour spaces of profiles and Pillow's modes of the pictures that they describe."""
_LATTICE = 9


def color_space(profile: bytes) -> str | None:
    """Return `RGB`, `GRAY` or `CMYK`; None for a profile that cannot be used."""
    opened = _opened(profile)
    space = "" if opened is None else opened.profile.xcolor_space.strip()
    return space if space in _MODES else None


def to_srgb(pixels: NDArray[np.uint8], profile: bytes) -> ImageU8:
    """Convert pixels of a profile's own space.

    Args:
        pixels: (H, W, 3) RGB, (H, W) gray or (H, W, 4) CMYK as Pillow has it, uint8.
        profile: of the pixels' space; one that cannot be used changes nothing.

    Returns:
        (H, W, 3) uint8, sRGB.
    """
    space = color_space(profile)
    if space is None or (space == "RGB" and _is_srgb(profile)):
        return pixels
    transform = _transform(profile, True)
    if transform is None:
        return pixels
    return _apply(transform, pixels, _MODES[space])


def from_srgb(image: ImageU8, profile: bytes) -> ImageU8 | None:
    """Convert sRGB (H, W, 3) into a profile's space; None where it is no space to write RGB in."""
    if color_space(profile) != "RGB":
        return None
    if _is_srgb(profile):
        return image
    transform = _transform(profile, False)
    return None if transform is None else _apply(transform, image, "RGB")


def writable(profile: bytes | None) -> bytes | None:
    """Return a profile in which RGB pictures can be written; None for any other."""
    if profile is None or from_srgb(np.zeros((1, 1, 3), np.uint8), profile) is None:
        return None
    return profile


def _apply(transform: ImageCms.ImageCmsTransform, pixels: NDArray[np.uint8], mode: str) -> ImageU8:
    height, width = pixels.shape[:2]
    picture = Image.frombuffer(
        mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1
    )
    return np.asarray(transform.apply(picture))


@lru_cache(maxsize=8)
def _opened(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        _log.debug("an ICC profile of %d bytes cannot be read (%s)", len(profile), error)
        return None


@lru_cache(maxsize=8)
def _transform(profile: bytes, forward: bool) -> ImageCms.ImageCmsTransform | None:
    opened, mode = _opened(profile), _MODES[color_space(profile) or "RGB"]
    srgb = ImageCms.createProfile("sRGB")
    assert opened is not None
    one, other = (opened, srgb) if forward else (srgb, opened)
    modes = (mode, "RGB") if forward else ("RGB", mode)
    try:
        return ImageCms.buildTransform(one, other, *modes, _INTENT, _FLAGS)
    except ImageCms.PyCMSError as error:
        _log.debug("an ICC profile cannot be converted (%s)", error)
        return None


@lru_cache(maxsize=8)
def _is_srgb(profile: bytes) -> bool:
    """True where the profile changes no colour by more than one level."""
    transform = _transform(profile, True)
    if transform is None:
        return True
    steps = np.linspace(0, 255, _LATTICE).astype(np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(_LATTICE, -1, 3)
    apart = np.abs(_apply(transform, lattice, "RGB").astype(np.int16) - lattice)
    return bool(apart.max() <= 1)
