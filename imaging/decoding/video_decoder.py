"""Decoded pictures of a video track, in order of presentation, with time stamps that grow.

Runs in the thread of its caller: capture for inputs, composite for backgrounds. Finds the first
picture wanted, repairs stamps and stops at damage; what the pictures mean in colour and direction
is for its caller.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import logging
from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import av
from av.container import InputContainer
from av.error import EOFError as EndError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from u2cam.imaging.decoding.decoded import Decoded
from u2cam.imaging.decoding.deinterlace import Deinterlacer
from u2cam.imaging.decoding.stamp_repair import StampRepair

_log = logging.getLogger(__name__)

_SEEK_BACK_S = (0, 5, 60)
"""Some formats (MPEG-TS) land behind the time asked for: try from further and further before."""
_NEVER_S = 10_000_000
"""A length beyond this was never filled in (an AVI that went through a pipe)."""


class FrameReader:
    """Iterates over the pictures of a track; ends at the end, or at what cannot be decoded.

    There is one warning of damage at most: where it ends, or at the first picture that the decoder
    could only patch up, which is given all the same. Another one tells of stamps that stand still
    or leap (`StampRepair`).

    Args:
        container: open input; this reader is the only one that moves it.
        stream: its video track.
        name: of the file, for messages.
        frame_units: nominal length of a picture in units of the time base.
        first_pts: pictures before this are decoded but not given; None from the start.
        live: errors are lost packets, not the end.
        patient: look for a first picture behind packets that cannot be decoded; else raise at once.
        deinterlace: make pictures that are flagged as interlaced progressive.
        advice: ends the message that it does so.
        with_alpha: decodes the track in the place of its own decoder; see `alpha_decoder`.
        packets: of the picture, where the container is demuxed elsewhere.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        name: str,
        frame_units: Fraction,
        first_pts: Fraction | None = None,
        live: bool = False,
        patient: bool = True,
        deinterlace: bool = False,
        advice: str = "",
        with_alpha: VideoCodecContext | None = None,
        packets: Iterator[Packet[VideoStream]] | None = None,
    ) -> None:
        self._container = container
        self._packets = packets
        self._stream = stream
        self._with_alpha = with_alpha
        self._name = name
        self._frame_units = frame_units
        self._time_base = stream.time_base or Fraction(1, 90_000)
        self._first_pts = first_pts
        self._live = live
        self._patient = patient
        self._stamps = self._new_stamps()
        self._told_of_stamps = False
        self._repeats: deque[int] = deque()
        """Stamps of empty packets: the picture before is shown again (Theora, AVI)."""
        self.damaged = False
        """True once something could not be decoded, or was missing at the end."""
        self.decoded_any = False
        """True once the decoder gave a picture, wanted or not."""
        self._deinterlacer: Deinterlacer | None = None
        if deinterlace:
            self._deinterlacer = Deinterlacer(name, self._time_base, advice)
        self._frames = self._started()
        self._peeked: Decoded | None = None

    def peek(self) -> Decoded | None:
        """Return the next picture without taking it; None at the end."""
        if self._peeked is None:
            self._peeked = next(self._frames, None)
        return self._peeked

    def next(self) -> Decoded | None:
        """Take the next picture; None at the end."""
        decoded, self._peeked = self.peek(), None
        return decoded

    def restart(self) -> bool:
        """Begin anew at the first picture; False where the container cannot be sought."""
        if not self._seek(Fraction(0), None):
            return False
        self._repeats.clear()
        self._stamps = self._new_stamps()
        self._frames = self._started()
        self._peeked = None
        return True

    def close(self) -> None:
        """Let go of the decoder; the container stays open."""
        self._frames = iter(())
        self._peeked = None

    def _new_stamps(self) -> StampRepair:
        return StampRepair(self._frame_units, self._time_base, leaps=not self._live)

    def _started(self) -> Iterator[Decoded]:
        frames = self._start()
        return frames if self._deinterlacer is None else self._deinterlacer.frames(frames)

    def _start(self) -> Iterator[Decoded]:
        if self._first_pts is None:
            yield from self._repaired(self._decode())
            return
        for back_s in (*_SEEK_BACK_S, None):
            if not self._seek(self._first_pts, back_s):
                break  # not seekable: read from the start
            pictures = self._decode()
            try:
                first = next(pictures, None)
            except EndError:
                first = None
            if first is None:  # landed behind the last picture
                continue
            if first.pts is None or first.pts <= self._first_pts or back_s is None:
                yield from self._wanted(self._repaired(_chain(first, pictures)))
                return
        yield from self._wanted(self._repaired(self._decode()))

    def _seek(self, pts: Fraction, back_s: int | None) -> bool:
        """Go to so many seconds before a stamp; None: to the very beginning."""
        start = self._stream.start_time or 0
        try:
            if back_s is None:
                # Well before the first stamp: a transport stream may land behind what is asked for.
                self._container.seek(min(0, self._container.start_time or 0))
            else:
                target = max(start, int(pts - back_s / self._time_base))
                self._container.seek(target, stream=self._stream)
        except av.FFmpegError:
            return False
        self._flush()
        return True

    def _flush(self) -> None:
        """Make the decoder forget what came before; a container does that for its own alone."""
        if self._with_alpha is not None and self._with_alpha.is_open:
            self._with_alpha.flush_buffers()

    def _wanted(self, decoded: Iterator[Decoded]) -> Iterator[Decoded]:
        for one in decoded:
            if self._first_pts is None or one.pts >= self._first_pts:
                yield one

    def _decode(self) -> Iterator[VideoFrame]:
        """Yield pictures until the end or the damage."""
        packets = self._packets
        if packets is None:
            packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is not None and packet.size == 0 and packet.pts is not None:
                    self._repeats.append(packet.pts)  # to a decoder it would mean the end
                    continue
                pictures = self._pictures(packet) if packet is not None else []
            except av.FFmpegError as error:
                if isinstance(error, av.error.ExitError):
                    raise  # a time-out of the network
                if self.decoded_any and not self._live:
                    yield from self._drain()
                    self._warn(f"damaged ({error.strerror or error}), ends")
                    return
                foreign = not isinstance(error, av.error.InvalidDataError)
                if packet is None or foreign or not self._patient:
                    raise
                continue  # before the first key frame, or a packet lost on the way
            for picture in pictures:
                if picture.is_corrupt and self.decoded_any:
                    self._warn("damaged")
                self.decoded_any = True
                yield picture
            if packet is None or packet.size == 0:
                break
        if not self._live and self._ends_early():
            self._warn("damaged or cut off, ends")

    def _pictures(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        return packet.decode() if self._with_alpha is None else self._with_alpha.decode(packet)

    def _drain(self) -> Iterator[VideoFrame]:
        """Yield the pictures that the decoder's threads still hold."""
        try:
            decoder = self._with_alpha or self._stream
            yield from decoder.decode(None)
        except av.FFmpegError:
            return  # what it holds is damaged too

    def _repaired(self, pictures: Iterator[VideoFrame]) -> Iterator[Decoded]:
        """Place pictures so that their stamps grow."""
        shown: VideoFrame | None = None
        for picture in pictures:
            if shown is not None:
                yield from self._repeated(shown, picture.pts)
            yield Decoded(picture, self._place(picture.pts, picture.duration), self._aspect())
            shown = picture
        if shown is not None:
            yield from self._repeated(shown, None)

    def _repeated(self, shown: VideoFrame, until: int | None) -> Iterator[Decoded]:
        """Yield a picture again for each empty packet before a stamp; None for all."""
        while self._repeats and (until is None or self._repeats[0] < until):
            yield Decoded(shown, self._place(self._repeats.popleft(), None), self._aspect())

    def _aspect(self) -> Fraction | None:
        """Return the shape of a pixel that the coded stream tells now."""
        return self._stream.codec_context.sample_aspect_ratio

    def _place(self, stamp: int | None, duration: int | None) -> int:
        """Return where a picture goes."""
        stamps = self._stamps
        moved, still = stamps.moved, stamps.stands_still
        pts = stamps.place(stamp, duration)
        if stamps.moved < moved:
            days = float((moved - stamps.moved) * self._time_base) / 86400
            self._warn_of_stamps(pts, f"leap ahead by {days:.1f} days", "the gap is closed")
        elif stamps.stands_still and not still:
            self._warn_of_stamps(pts, "stand still", "the pictures go by the frame rate")
        return pts

    def _warn_of_stamps(self, pts: int, what: str, done: str) -> None:
        if not self._told_of_stamps:
            self._told_of_stamps = True
            at_s = float(pts * self._time_base)
            _log.warning("%s: the time stamps %s at %.2f s; %s", self._name, what, at_s, done)

    def _ends_early(self) -> bool:
        """True where the track promises more than two pictures beyond the last one."""
        promised = track_end(self._stream)
        end = self._stamps.end
        if end is None or promised is None or self._stamps.moved or self._stamps.stands_still:
            return False
        missing = promised - end * self._time_base
        return 2 * self._stamps.frame_units * self._time_base < missing < _NEVER_S

    def _warn(self, what: str) -> None:
        if self._live or self.damaged:
            return
        self.damaged = True
        at_s = float((self._stamps.end or 0) * self._time_base)
        _log.warning("%s: %s at %.2f s", self._name, what, at_s)


def track_end(stream: VideoStream) -> Fraction | None:
    """Return the time in seconds at which a track's last picture ends, if the file says so."""
    if stream.duration is not None and stream.time_base is not None:
        return ((stream.start_time or 0) + stream.duration) * stream.time_base
    try:
        # Matroska: 00:00:07.320000000
        hours, minutes, seconds = stream.metadata.get("DURATION", "").split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None


def _chain(first: VideoFrame, rest: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    yield first
    yield from rest
