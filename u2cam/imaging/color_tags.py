"""What the numbers of a coded picture mean: range, matrix, primaries, transfer (ITU-T H.273)."""

from dataclasses import dataclass
from typing import Literal

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

_MATRICES: dict[int, Literal["bt709", "bt601", "bt2020"]] = {
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "bt709",
    9: "bt2020",
    10: "bt2020",
}

PRIMARIES = {
    1: "bt709",
    2: "unknown",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
"""H.273 numbers of colour primaries and FFmpeg's names."""

TRANSFERS = {
    1: "bt709",
    2: "unknown",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
"""H.273 numbers of transfer characteristics and FFmpeg's names."""


HDR_TRANSFERS = {"arib-std-b67": "HLG", "smpte2084": "PQ"}
"""FFmpeg's names of the curves of high dynamic range, and people's."""


@dataclass(frozen=True, slots=True)
class ColorTags:
    """How the coded picture's numbers mean colours, as FFmpeg names them (H.273)."""

    range: Literal["limited", "full"] = "limited"
    matrix: Literal["bt709", "bt601", "bt2020"] = "bt709"
    primaries: str = "bt709"
    transfer: str = "bt709"


def is_rgb(frame: VideoFrame) -> bool:
    """True where the coded picture is RGB or has an RGB palette, so that no matrix applies."""
    return frame.format.is_rgb or frame.format.has_palette


def read_color_tags(frame: VideoFrame) -> ColorTags:
    """Tell what a decoded picture's numbers mean.

    A file without a matrix tag is taken as players take it (mpv's rule): that of BT.2020 where
    primaries or curve are BT.2020's, else BT.709 from 1280 columns or more than 576 rows, BT.601
    below. Without a range tag it is limited. Pictures coded as RGB have no matrix; in BT.709 they
    get the default tags, which are then those of a file written from them.
    """
    primaries = PRIMARIES.get(int(frame.color_primaries), "unknown")
    transfer = TRANSFERS.get(int(frame.color_trc), "unknown")
    if is_rgb(frame):
        wider = primaries not in ("bt709", "unknown") or transfer in HDR_TRANSFERS
        return ColorTags("full", "bt709", primaries, transfer) if wider else ColorTags()
    guessed: Literal["bt709", "bt601", "bt2020"] = (
        "bt709" if frame.width >= 1280 or frame.height > 576 else "bt601"
    )
    if primaries == "bt2020" or transfer in HDR_TRANSFERS:
        guessed = "bt2020"
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return ColorTags(
        range="full" if full else "limited",
        matrix=_MATRICES.get(int(frame.colorspace), guessed),
        primaries=primaries,
        transfer=transfer,
    )
