"""Packets for more than one receiver."""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import av
from av.packet import Packet
from av.stream import Stream


def copied(packet: Packet[Stream]) -> Packet[Stream]:
    """Return a packet that its receiver may change: who muxes one gives it other stamps."""
    copy: Packet[Stream] = av.Packet(bytes(packet))
    copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
    copy.time_base = packet.time_base
    copy.is_keyframe = packet.is_keyframe
    copy.stream = packet.stream
    return copy
