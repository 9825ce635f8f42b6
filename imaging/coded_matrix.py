"""Which matrix made the numbers of a decoded picture; what cannot be undone is refused.

A guess in its place would show wrong colours without a word. Matrices are numbered by ITU-T H.273.
"""

import sys
from typing import Any, Literal

from av.video.frame import VideoFrame

from u2cam.imaging.color_tags import ColorError

Matrix = Literal["bt709", "bt601", "bt2020"]

_MATRICES: dict[int, Matrix] = {
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "bt709",
    9: "bt2020",
}
_DERIVED_FROM_PRIMARIES = 12
_DERIVED: dict[str, Matrix] = {
    "bt709": "bt709",
    "bt2020": "bt2020",
    "smpte170m": "bt601",
    "bt470bg": "bt601",
}
_REFUSED = {
    8: "YCgCo",
    10: "BT.2020 with constant luminance",
    11: "SMPTE ST 2085",
    12: "a matrix made of unusual primaries",
    13: "constant luminance made of its primaries",
    14: "ICtCp",
    15: "IPT (Dolby Vision)",
    16: "YCgCo-R",
    17: "YCgCo-R",
}
_ADVICE = "which cannot be converted here; bring it to BT.709 first"


def coded_matrix(frame: VideoFrame, primaries: str) -> Matrix | None:
    """Return the matrix of a picture that is not coded as RGB; None where none is named.

    Args:
        frame: as decoded.
        primaries: its primaries, as FFmpeg names them.

    Raises:
        ColorError: one that cannot be converted.
    """
    number = int(frame.colorspace)
    if is_ipt_of_dolby_vision(frame):
        number = 15
    if number == _DERIVED_FROM_PRIMARIES and primaries in _DERIVED:
        return _DERIVED[primaries]
    if number in _REFUSED:
        raise ColorError(f"its colours are coded as {_REFUSED[number]}, {_ADVICE}")
    return _MATRICES.get(number)


def is_ipt_of_dolby_vision(frame: VideoFrame) -> bool:
    """True for Dolby Vision without a base that others can show: profile 5, and 10.0 of AV1.

    Its matrix is often not named. Profiles with a base layer (7, 8, 9, 10.1, 10.4) are not meant:
    what FFmpeg decodes of them is the base, in HLG, PQ or BT.709 as its tags say.
    """
    metadata: Any = frame.side_data.get("DOVI_METADATA")
    if metadata is None:
        return False
    # FFmpeg's AVDOVIMetadata begins with the place of the header, whose fifth byte is the
    # RPU's profile: 0 where the picture is IPT, whatever the profile is called outside.
    data = bytes(metadata)
    header = int.from_bytes(data[:8], sys.byteorder)
    return header + 5 <= len(data) and data[header + 4] == 0
