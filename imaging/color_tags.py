"""What the numbers of a coded picture mean: range, matrix, primaries, transfer (ITU-T H.273).

Imports no media library: the interfaces of sources and sinks need it.
"""

from dataclasses import dataclass
from typing import Literal

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


class ColorError(ValueError):
    """Colours that cannot be converted; says why, not of which file."""


@dataclass(frozen=True, slots=True)
class ColorTags:
    """How the coded picture's numbers mean colours, as FFmpeg names them (H.273)."""

    range: Literal["limited", "full"] = "limited"
    matrix: Literal["bt709", "bt601", "bt2020"] = "bt709"
    primaries: str = "bt709"
    transfer: str = "bt709"
