"""Which channel layout and rate an encoder gets for a track of sound.

Encoders take few layouts, and players understand fewer. A channel keeps its place: the layout is
the smallest that has a speaker for each. Side and back surrounds are one pair where the layout
has only one (5.1(side), as AC-3 and DTS have it, becomes 5.1).
"""

from __future__ import annotations

import re

from av.audio.layout import AudioLayout
from av.codec import Codec

_LAYOUTS = {
    # Those with a channel configuration of ISO/IEC 14496-3, which every decoder knows.
    "aac": ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"),
    # RFC 7845, mapping family 1, but for 5.0 and 6.1: FFmpeg's libopus puts their channels into
    # each other's places (measured with FFmpeg 8.1).
    "libopus": ("mono", "stereo", "3.0", "quad", "5.1", "7.1"),
}
"""By encoder, from the smallest."""
_UNNAMED = {
    1: "mono",
    2: "stereo",
    3: "2.1",
    4: "4.0",
    5: "5.0",
    6: "5.1",
    7: "6.1",
    8: "7.1",
    16: "hexadecagonal",
    24: "22.2",
}
"""What a number of channels without names means to FFmpeg, which converts them so."""
_SAME = {"DL": "FL", "DR": "FR"}
"""Stereo that was mixed down is stereo."""
_NO_NAMES = re.compile(r"\d+ channels")


def _named(layout: AudioLayout) -> str:
    """Return a layout's name; where its channels have none, the usual layout of their number.

    Raises:
        ValueError: so many channels without names mean nothing.
    """
    if not _NO_NAMES.fullmatch(layout.name):
        return layout.name
    if layout.nb_channels not in _UNNAMED:
        raise ValueError(f"{layout.nb_channels} channels of which nothing says what they are")
    return _UNNAMED[layout.nb_channels]


def encoded_layout(encoder: str, layout: AudioLayout) -> str:
    """Return the layout in which an encoder gets the sound of a layout.

    Channels for which no layout of the encoder has a speaker (front-of-centre, height) are mixed
    into their neighbours by FFmpeg.

    Args:
        encoder: FFmpeg's name.
        layout: of the sound; its channels need no names.

    Raises:
        ValueError: so many channels without names mean nothing.
    """
    name = _named(layout)
    known = _LAYOUTS.get(encoder)
    if known is None or name in known:
        return name
    speakers = {_SAME.get(channel, channel) for channel in _speakers(name)}
    if speakers == {"FC"}:
        return "mono"
    possible = set().union(*(_speakers(one) for one in known))
    if "BC" in speakers - possible:
        speakers |= {"BL", "BR"}  # a back centre goes to both
    wanted = speakers & possible
    return next((one for one in known[1:] if _has_place(_speakers(one), wanted)), known[-1])


def encoded_rate(encoder: str, rate: int) -> int:
    """Return the least of an encoder's rates that loses nothing; its highest where all are lower.

    Args:
        encoder: FFmpeg's name.
        rate: of the sound, samples per second.
    """
    if encoder == "libopus":
        return 48_000  # what it decodes to in any case
    rates = sorted(Codec(encoder, "w").audio_rates or ())
    return next((one for one in rates if one >= rate), rates[-1] if rates else rate)


def _speakers(name: str) -> set[str]:
    return {channel.name for channel in AudioLayout(name).channels}


def _has_place(room: set[str], speakers: set[str]) -> bool:
    surrounds = ({"SL", "SR"}, {"BL", "BR"})
    for pair, other in (surrounds, surrounds[::-1]):
        if pair & speakers and not pair & room and not other & speakers:
            speakers = (speakers - pair) | other
    return speakers <= room
