"""Network and renderer on one device: a frame goes up once and its composite comes down once.

Fulfils the pipeline's `Compositor`. With every composite come three numbers that the device
measured of its matte. They are judged by `core.frame.ComposedFrame`; nothing here decides whether a
picture may be shown.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.frame import ComposedFrame, Composite, Frame, MattedFrame
from u2cam.core.protocols import Network, ReadyFrame
from u2cam.core.scene import SceneGate
from u2cam.effects.backgrounds.base import Background, ColourBackground, Replacement
from u2cam.effects.compositor import NetworkAndRenderer
from u2cam.effects.gpu.renderer import GpuRenderer, Written
from u2cam.effects.gpu.transfer import Download, Slot, Transfer

FACTS_BYTES = 16
"""Before the picture's bytes: least and greatest value of the matte and the frame's mark."""
MARKS = 1 << 20
"""Marks count frames from 0 to this, exactly in float32."""

Learn = Callable[[NDArray[np.uint8]], None]


class GpuMatter(Network, Protocol):
    """Gives frames on its device their mattes there."""

    @property
    def input_size_wh(self) -> tuple[int, int]:
        """Width and height of the network's input for pictures in landscape."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """As of `core.protocols.Matter`."""

    @property
    def torch_device(self) -> torch.device:
        """Where the frames have to be."""

    @property
    def batch(self) -> int:
        """Frames at once; may change from call to call."""

    def mattes(self, images: Sequence[Tensor]) -> tuple[Tensor, Tensor, Learn]:
        """Return the mattes of frames (H, W, 3) uint8, at least one and of one size and scene.

        Returns:
            (B, h, w) float32, not checked; (B, h', w') uint8, of each what the third, called with
            it on the host at any later time, learns from.
        """

    def forget(self) -> None:
        """Forget the frames before at once."""


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """One frame on the device."""

    frame: Frame
    slot: Slot
    mark: int
    written: Written
    matte_shape: tuple[int, ...]
    matte_wh: tuple[int, int]
    summary_shape: tuple[int, ...]
    """Of what is learnt from, between the facts and the picture."""
    learn: Learn
    download: Download


class GpuCompositor(NetworkAndRenderer[GpuMatter, GpuRenderer]):
    """From frames to composites on a device."""

    ahead = 1
    """Batches on the device while the next is prepared, offline."""

    def __init__(self, matter: GpuMatter, renderer: GpuRenderer) -> None:
        """Join a network and a renderer on one device."""
        super().__init__(matter, renderer)
        self._transfer = Transfer(matter.torch_device)
        self._flying: deque[list[_Flight]] = deque()
        self._scene = SceneGate()
        self._gives_up = threading.Event()
        self._submitted = 0

    @property
    def batch(self) -> int:
        """Frames at once from now on."""
        return self._matter.batch

    @torch.inference_mode()
    def submit(self, frames: Sequence[Frame]) -> None:
        """Begin the work on frames, at least one and of one size; does not wait for its end."""
        if self._gives_up.is_set():
            self._gives_up.clear()
            self._give_up()
        self._submit(frames)

    def collect(self) -> list[ReadyFrame]:
        """Wait for the frames that were submitted first, and return them in order.

        Raises:
            MatteError: the matte of one of them is not valid.
        """
        if not self._flying:
            return []
        flights = self._flying.popleft()
        try:
            composites = [self._landed(flight) for flight in flights]
        except BaseException:
            self._take_back([flight.slot for flight in flights])
            raise
        for flight in flights:
            self._transfer.give_back(flight.slot)
        return [
            ComposedFrame(flight.frame, composite, flight.matte_wh)
            for flight, composite in zip(flights, composites, strict=True)
        ]

    def render(self, ready: ReadyFrame) -> NDArray[np.uint8]:
        """Return the picture of a frame that `collect` gave: it was made on the device."""
        if isinstance(ready, MattedFrame):
            raise TypeError("a frame that stayed on the GPU has a composite, and no matte here")
        return ready.composite.picture

    def reset(self) -> None:
        """At the next `submit` give up what is in flight and forget everything; from any thread."""
        self._gives_up.set()

    @torch.inference_mode()
    def warm_up(self, size_wh: tuple[int, int], *, live: bool) -> float:
        """Send black frames through, so that all is recorded and allocated before the first comes.

        Args:
            size_wh: of the frames that will come.
            live: the network may be given another of its input sizes at any time.

        Returns:
            Seconds that a frame took to the device and back with the largest input, all recorded.

        Raises:
            RuntimeError: the device cannot do it, for example for want of memory. Nothing is left
                in flight.
        """
        black = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
        background = self._renderer.presentation.background
        # A video's clock must not start here.
        stand_in = ColourBackground((0, 0, 0)) if isinstance(background, Replacement) else None
        # The largest comes last, to stay.
        sizes = tuple(reversed(self.input_sizes_wh)) if live else ()
        took_s = 0.0
        try:
            for input_wh in sizes or (self._matter.input_size_wh,):
                if sizes:
                    self.use_input_size(input_wh)
                frames = [Frame(black, n, n, Fraction(1, 30), 0.0) for n in range(self.batch)]
                for _ in range(3):  # what comes twice is recorded, the third is timed
                    begin_s = time.perf_counter()
                    self._submit(frames, stand_in)
                    self.collect()
                    took_s = (time.perf_counter() - begin_s) / len(frames)
        finally:
            self._give_up()
        return took_s

    def _submit(self, frames: Sequence[Frame], background: Background | None = None) -> None:
        flights: list[_Flight] = []
        slots: list[Slot] = []
        try:
            with self._transfer.working():
                for _, scene in groupby(frames, lambda frame: frame.scene):
                    flights += self._launched(list(scene), background, slots)
        except BaseException:
            self._take_back(slots)
            raise
        self._flying.append(flights)

    def _launched(
        self, frames: list[Frame], background: Background | None, slots: list[Slot]
    ) -> list[_Flight]:
        """Launch all work on frames; every slot that they take is added to `slots` at once."""
        if self._scene.is_new(frames[0].scene):
            self._matter.forget()
        renderer = self._renderer
        packet = renderer.packet(frames[0].size_wh)
        # All of a batch go up before the first is worked on, so that copies overlap with work.
        sent: list[tuple[Slot, int, Written, Tensor]] = []
        for frame in frames:
            slot = self._transfer.slot(packet.bytes)
            slots.append(slot)
            mark = self._submitted % MARKS
            self._submitted += 1
            written = renderer.write(frame, slot.room, background)
            packet.write(slot.room, "mark", np.full(2, mark, np.float32))
            sent.append((slot, mark, written, self._transfer.upload(slot, written.bytes)))
        images = [packet.read(device, "image") for *_, device in sent]
        alphas, summaries, learn = self._matter.mattes(images)
        # Asked after the mattes: the network may have had to take a smaller input.
        matte_wh = self._matter.matte_size(frames[0].size_wh)
        flights: list[_Flight] = []
        for frame, (slot, mark, written, device), alpha, summary in zip(
            frames, sent, alphas, summaries, strict=True
        ):
            picture = renderer.compose(device, written, alpha)
            # Joining them also copies them out of what the next frame overwrites.
            facts = _facts(alpha, packet.read(device, "mark"))
            download = self._transfer.download(torch.cat((facts, summary.flatten(), picture)))
            shape, summary_shape = tuple(alpha.shape), tuple(summary.shape)
            flights.append(
                _Flight(frame, slot, mark, written, shape, matte_wh, summary_shape, learn, download)
            )
        return flights

    def _landed(self, flight: _Flight) -> Composite:
        """Wait for one frame and return its composite."""
        data = flight.download.wait()
        low, high, mark, _ = data[:FACTS_BYTES].view(np.float32)
        if mark != flight.mark:
            raise RuntimeError(
                f"{self.device_name}: asked for frame {flight.mark}, got {mark:g}; its picture "
                "is not shown"
            )
        rows, columns = flight.summary_shape
        summary, picture = np.split(data[FACTS_BYTES:], [rows * columns])
        flight.learn(summary.reshape(rows, columns))
        picture = picture.reshape(flight.written.shape)
        return Composite(picture, flight.matte_shape, float(low), float(high))

    def _give_up(self) -> None:
        """Give up what is in flight and forget everything."""
        self._take_back([flight.slot for flights in self._flying for flight in flights])
        self._flying.clear()
        self._scene.reset()
        self._renderer.reset()

    def _take_back(self, slots: Sequence[Slot]) -> None:
        """Return slots after a failure.

        What has begun must end before its memory is used for something else.
        """
        self._transfer.settle()
        for slot in slots:
            self._transfer.give_back(slot)


def _facts(alpha: Tensor, mark: Tensor) -> Tensor:
    """Measure a matte (h, w) on its device: `FACTS_BYTES` bytes; NaN where it is not finite.

    The mark (2,) came up with the frame and goes down with its composite: memory that a copy never
    reached, still full of another frame, is not taken for this one's.
    """
    extremes = torch.stack((alpha.amin(), alpha.amax()))
    extremes = torch.where(torch.isfinite(alpha).all(), extremes, torch.nan)
    return torch.cat((extremes, mark)).view(torch.uint8)
