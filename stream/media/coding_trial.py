"""Tries, in memory, whether a file can hold what an encoder makes: before a run.

What FFmpeg lists as possible is more than what its muxers take, and some refuse only with the
trailer, when every picture is computed.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import io
from fractions import Fraction

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from u2cam.stream.media.packet_times import repair_dts

_FRAMES = 2


def check_coding(
    muxer: str,
    encoder: str,
    pixel_format: str,
    options: dict[str, str],
    size_wh: tuple[int, int],
    time_base: Fraction,
) -> None:
    """Write a file of two pictures to its end and read it back.

    Args:
        muxer: FFmpeg's name.
        encoder: FFmpeg's name.
        pixel_format: of the encoder's input.
        options: of the encoder.
        size_wh: of the pictures.
        time_base: of their stamps.

    Raises:
        av.FFmpegError: what refused, and why.
        ValueError: the muxer does not know this codec, or what was written is not read.
    """
    written = io.BytesIO()
    with av.open(written, "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size_wh
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = time_base
        stream.codec_context.options = options
        width, height = size_wh
        black = VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")
        packets: list[Packet[VideoStream]] = []
        for number in range(_FRAMES):
            frame = black.reformat(format=pixel_format)
            frame.pts = number * max(1, round(Fraction(1, 25) / time_base))
            frame.time_base = time_base
            packets += stream.encode(frame)
        for packet in packets + stream.encode(None):
            repair_dts(packet)
            output.mux(packet)
    written.seek(0)
    with av.open(written, "r") as media:
        if next(media.decode(video=0), None) is None:
            raise ValueError(f"{muxer} does not give back what {encoder} makes")
