"""Which metadata of a film may be handed on.

A phone's film says where it was made and with which device: a program for privacy does not repeat
that unasked. What a person wrote (title, artist, comment) stays.
"""

import re

_OF_THE_FILE = re.compile(
    r"major_brand|minor_version|compatible_brands|encoder|rotate"
    r"|(duration|bps|number_of_frames|number_of_bytes|_statistics_.*)(-[a-z]+)?",
    re.IGNORECASE,
)
"""What tells of the old file, not of what is in it."""
_PLACES = "location|loci|gps|geo|latitude|longitude|altitude|coordinates?|xyz|place|city|country"
_DEVICES = (
    "make|model|manufacturer|device|camera|lens|serial|serialnumber|firmware|imei|udid|uuid|umid"
    "|guid|hostname|computer|phone|content_?identifier|reel_name"
)
_WORDS = re.compile(rf"(?:^|[^a-z])(?:{_PLACES}|{_DEVICES})(?:[^a-z]|$)", re.IGNORECASE)
"""Of a key: `location-eng`, `RECORDING_LOCATION`, `camera_model`."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OF_A_MAKER = re.compile(r"(com|org|net|jp|cn|kr)\.[a-z]+\..*", re.IGNORECASE)
"""Keys of a maker's own: `com.apple.quicktime.location.ISO6709`, `com.android.version`."""
_HARMLESS = re.compile(
    r"com\.apple\.quicktime\.(title|artist|album|author|comment|copyright|description|genre"
    r"|displayname|information|keywords|producer|director|year)",
    re.IGNORECASE,
)
_ISO_6709 = re.compile(r"[+-]\d{2,6}(\.\d+)?[+-]\d{3,7}(\.\d+)?([+-]\d+(\.\d+)?)?(CRS\w+)?/?")
"""A point on the earth: `+48.8577+002.295+35/`."""
_MAKERS_TRACK = re.compile(r"(handler_name|vendor_id)", re.IGNORECASE)
_POSITIONS = re.compile(rb"(?i)\b(gps|latitude|longitude|lat|lon|lng)\b\W{0,6}[+-]?\d")


def handed_on(metadata: dict[str, str], *, keep: bool, of_picture: bool = False) -> dict[str, str]:
    """Return what of a file's or track's metadata goes into the output.

    Args:
        metadata: as FFmpeg reads it.
        keep: places and devices too (`output.metadata = keep`).
        of_picture: true for the picture track, whose handler often names the camera.
    """
    kept = {key: value for key, value in metadata.items() if not _OF_THE_FILE.fullmatch(key)}
    if keep:
        return kept
    return {
        key: value
        for key, value in kept.items()
        if not tells_of_owner(key, value) and not (of_picture and _MAKERS_TRACK.fullmatch(key))
    }


def tells_of_owner(key: str, value: str) -> bool:
    """True where a tag says where a film was made, or with which device."""
    if _HARMLESS.fullmatch(key):
        return False
    words = _CAMEL.sub("_", key)
    return bool(
        _WORDS.search(words) or _OF_A_MAKER.fullmatch(key) or _ISO_6709.fullmatch(value.strip())
    )


def tells_positions(text: bytes) -> bool:
    """True where a subtitle is a flight log, as drones write it (`[latitude: 48.85]`)."""
    return _POSITIONS.search(text) is not None
