"""Interlaced pictures made progressive: two fields that were taken one after the other.

A person who moves is combed in such a picture, and so is the matte. FFmpeg's bwdif (Bob Weaver
Deinterlacing Filter: the BBC's w3fdif interpolation with yadif's motion check) gives one picture
for each, at its own time. Runs in the thread that reads the pictures.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from fractions import Fraction

from av.error import BlockingIOError as TryAgainError
from av.error import EOFError as EndError
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from u2cam.imaging.decoding.decoded import Decoded

_log = logging.getLogger(__name__)


class Deinterlacer:
    """Passes progressive pictures on; begins to work at the first that is flagged as interlaced.

    From there on a picture comes out when the next one has come in: bwdif needs the next one.

    Args:
        name: of the file, for the message.
        time_base: of the pictures' stamps, in seconds.
        advice: ends the message: what leaves them interlaced.
    """

    def __init__(self, name: str, time_base: Fraction, advice: str = "") -> None:
        self._name = name
        self._advice = advice
        self._time_base = time_base
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] | None = None
        self._inside: deque[Decoded] = deque()
        """What the filter got and has not given back, in order."""
        self._said = False

    def frames(self, pictures: Iterator[Decoded]) -> Iterator[Decoded]:
        """Yield every picture once, in order, with its own time; what came before is forgotten."""
        self._graph = None
        self._inside.clear()
        for one in pictures:
            picture = one.picture
            kind = (picture.width, picture.height, picture.format.name)
            if self._graph is not None and kind != self._kind:
                yield from self._end()
            if self._graph is None:
                if not picture.interlaced_frame:
                    yield one
                    continue
                self._begin(kind)
            assert self._graph is not None
            # The decoder may still look at its own picture; its stamps are free.
            picture.pts, picture.time_base = one.pts, self._time_base
            self._inside.append(one)
            self._graph.push(picture)
            yield from self._ready()
        yield from self._end()

    def _begin(self, kind: tuple[int, int, str]) -> None:
        if not self._said:
            self._said = True
            _log.warning("%s: interlaced; made progressive (bwdif)%s", self._name, self._advice)
        width, height, name = kind
        shown = VideoFormat(name, width, height)
        graph = Graph()
        graph.link_nodes(
            graph.add_buffer(width=width, height=height, format=shown, time_base=self._time_base),
            graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced"),
            graph.add("buffersink"),
        ).configure()
        self._graph, self._kind = graph, kind

    def _end(self) -> Iterator[Decoded]:
        """Yield what the filter holds, and forget it."""
        if self._graph is None:
            return
        self._graph.push(None)
        yield from self._ready()
        self._graph = None
        self._inside.clear()

    def _ready(self) -> Iterator[Decoded]:
        assert self._graph is not None
        while True:
            try:
                picture = self._graph.pull()
            except (TryAgainError, EndError):
                return
            assert isinstance(picture, VideoFrame)
            given = self._inside.popleft()
            yield Decoded(picture, given.pts, given.aspect)
