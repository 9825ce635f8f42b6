"""Videos with transparent parts, of every kind that people have."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

SIZE_WH = (64, 48)
OPAQUE_FROM = 32
"""Columns before this are transparent, in a colour that must not be seen."""
HIDDEN, SHOWN = (0, 200, 0), (200, 30, 60)

VIDEOS = {
    "vp9.webm": ("libvpx-vp9", "yuva420p"),
    "vp8.webm": ("libvpx", "yuva420p"),
    "vp9.mkv": ("libvpx-vp9", "yuva420p"),
    "prores.mov": ("prores_ks", "yuva444p10le"),
    "png.mov": ("png", "rgba"),
    "qtrle.mov": ("qtrle", "argb"),
    "ffv1.mkv": ("ffv1", "yuva420p"),
}
"""By name: encoder and pixel format."""
ANIMATIONS = ("gif", "webp", "png", "avif")


def half_clear(alpha: int = 255) -> np.ndarray:
    """Draw the picture of all these files: (H, W, 4) straight RGBA."""
    image = np.zeros((SIZE_WH[1], SIZE_WH[0], 4), np.uint8)
    image[:, :OPAQUE_FROM, :3] = HIDDEN
    image[:, OPAQUE_FROM:, :3] = SHOWN
    image[:, OPAQUE_FROM:, 3] = alpha
    return image


def write_video(path: Path, frames: int = 4) -> Path:
    """Write the video that `VIDEOS` says for a name."""
    encoder, pixel_format = VIDEOS[path.name]
    with av.open(str(path), "w") as output:
        stream = output.add_stream(encoder, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = pixel_format
        if encoder.startswith("libvpx"):
            stream.codec_context.options = {"auto-alt-ref": "0", "crf": "4", "b": "2M"}
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(half_clear(), format="rgba")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def write_animation(path: Path, frames: int = 3) -> Path:
    """Write an animation whose ending is one of `ANIMATIONS`."""
    pictures = []
    for number in range(frames):
        image = half_clear()
        image[-4:, OPAQUE_FROM + 8 * number :, :3] = 255  # so that no frame is like another
        pictures.append(Image.fromarray(image))
    how = {"disposal": 2} if path.suffix == ".gif" else {"lossless": True}
    if path.suffix == ".avif":
        how = {"quality": 95}
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, **how)
    return path


def near(color: np.ndarray, wanted: tuple[int, int, int]) -> bool:
    """Tell whether a colour is the wanted one, but for what a lossy coder does to it."""
    return color.tolist() == pytest.approx(list(wanted), abs=8)
