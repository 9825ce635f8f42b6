"""The codings in which files keep the high dynamic range of a run."""

from pathlib import Path

from av.codec import Codec

from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import is_hdr
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.containers import DEEP, Coding, choose_coding

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
    chosen = choose_coding(path, "rgb", settings)
    formats = {shown.name for shown in Codec(chosen.encoder, "w").video_formats or ()}
    if chosen.pixel_format in _FORMATS:
        return chosen
    deep = next((shown for shown in _FORMATS if shown in formats), None)
    return None if deep is None else Coding(chosen.encoder, deep, chosen.options)
