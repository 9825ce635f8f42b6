"""Decoders and encoders of graphics hardware: which are meant, and whether they truly work here.

That FFmpeg was built with one says nothing: the driver may be missing, the device may have none, or
not for this format or size. So a device counts once it has coded a picture.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import av
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext

from u2cam.stream.sinks.containers import Coding

_DEVICE_TYPES = {
    "nvdec": "cuda",
    "qsv": "qsv",
    "vaapi": "vaapi",
    "videotoolbox": "videotoolbox",
    "d3d11va": "d3d11va",
}
"""FFmpeg's names of the devices that decode."""
DECODERS = tuple(_DEVICE_TYPES)
_ENCODERS = {"nvenc": "h264_nvenc", "qsv": "h264_qsv"}


@dataclass(frozen=True, slots=True)
class Hardware:
    """What shall code, if it can."""

    kind: str
    """`nvdec`, `nvenc`, `vaapi`..."""
    asked: bool
    """The user named it, so it is logged where it cannot be had."""


def choose(setting: str, automatic: str, *, on_cuda: bool) -> Hardware | None:
    """Return what a setting means; None for software.

    Args:
        setting: `auto`, `none` or a kind.
        automatic: the kind that `auto` takes, where the network runs on CUDA anyway.
        on_cuda: whether it does.
    """
    if setting == "auto":
        return Hardware(automatic, asked=False) if on_cuda else None
    return None if setting == "none" else Hardware(setting, asked=True)


def decoding_device(kind: str) -> HWAccel | None:
    """Return what `av.open` takes to decode on a device, without falling back by itself."""
    return HWAccel(_DEVICE_TYPES[kind], allow_software_fallback=False)


def can_decode(kind: str, codec: str = "h264") -> bool:
    """Open the device for a codec; a file may still be of a kind that it cannot decode."""
    try:
        accel = decoding_device(kind)
        return accel is not None and accel.create(Codec(codec, "r")) is not None
    except (av.FFmpegError, OSError, RuntimeError, UnknownCodecError):
        return False


def on_hardware(coding: Coding, kind: str) -> Coding | None:
    """Return the coding for a kind of hardware in place of x264; None where x264 is not meant."""
    if coding.encoder != "libx264":
        return None
    encoder = _ENCODERS[kind]
    try:
        formats = {shown.name for shown in Codec(encoder, "w").video_formats or ()}
    except UnknownCodecError:
        return None
    same = coding.pixel_format in formats
    return replace(coding, encoder=encoder, pixel_format=coding.pixel_format if same else "nv12")


def encodes(
    encoder: str,
    size_wh: tuple[int, int],
    pixel_format: str = "nv12",
    options: dict[str, str] | None = None,
) -> bool:
    """Encode one picture and tell whether anything came out."""
    width, height = size_wh
    try:
        context: Any = av.CodecContext.create(encoder, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = width, height
        context.pix_fmt = pixel_format
        context.time_base = Fraction(1, 30)
        context.options = options or {}
        frame = av.VideoFrame(width, height, pixel_format)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts = 0
        return bool([*context.encode(frame), *context.encode(None)])
    except (av.FFmpegError, UnknownCodecError, ValueError, OSError):
        return False
