"""The codings in which files keep the high dynamic range of a run."""

import logging
from dataclasses import replace
from pathlib import Path

from av.codec import Codec

from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.standard_range import StandardRange
from u2cam.imaging.wide_color import describe, is_hdr
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import DEEP, Coding, choose_coding

_log = logging.getLogger(__name__)

_FORMATS = ("yuv420p10le", "p010le", "yuv422p10le", "yuv444p10le")


def hdr_coding(path: Path, tags: ColorTags, settings: OutputSettings) -> Coding | None:
    """Return how a file keeps the high dynamic range of a run; None where it cannot.

    Args:
        path: of the output.
        tags: of the run's pictures.
        settings: codec, and whether HDR is to be kept at all.
    """
    if not is_hdr(tags) or settings.hdr != "keep":
        return None
    if settings.codec == "auto":
        return DEEP.get(path.suffix.lower())
    chosen = choose_coding(path, "rgb", settings.model_copy(update={"bits": 10}))
    formats = {shown.name for shown in Codec(chosen.encoder, "w").video_formats or ()}
    if chosen.pixel_format in _FORMATS:
        return chosen
    deep = next((shown for shown in _FORMATS if shown in formats), None)
    return None if deep is None else Coding(chosen.encoder, deep, chosen.options)


def coding_in_range(
    path: Path, coding: Coding, picture_format: PictureFormat, settings: OutputSettings
) -> tuple[Coding, PictureFormat, StandardRange]:
    """Return how a run in high dynamic range is written: kept so, or in standard range.

    Args:
        path: of the output.
        coding: for pictures in standard range.
        picture_format: of the run's pictures.
        settings: codec, and whether HDR is to be kept.

    Returns: the coding, the pictures' format in the file, and what brings them to it.
    """
    source = picture_format.source
    if source is None or not is_hdr(source.color):
        return coding, picture_format, StandardRange()
    if picture_format.kind == "rgb":
        deep = hdr_coding(path, source.color, settings)
        if deep is not None:
            return deep, picture_format, StandardRange()
        _log.warning("%s: holds no %s, written in BT.709", path.name, describe(source.color))
    shown = replace(picture_format, source=replace(source, color=ColorTags()))
    return coding, shown, StandardRange(source.color)
