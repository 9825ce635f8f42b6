"""Time stamps of encoded pictures, before they are muxed."""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

from av.packet import Packet
from av.video.stream import VideoStream

_MOST_DELAY_S = 60
"""No encoder holds pictures back for so long."""


def repair_dts(packet: Packet[VideoStream]) -> None:
    """Make sure that a picture is decoded when it is shown, or shortly before.

    x265 leaves the decoding times of a film of one or two pictures to chance: MP4 refuses some,
    and Matroska writes them.
    """
    if packet.pts is None or packet.dts is None:
        return
    if not 0 <= (packet.pts - packet.dts) * packet.time_base <= _MOST_DELAY_S:
        packet.dts = packet.pts
