"""Network and effects on one device: a frame goes up once and its composite comes down once.

Fulfils the pipeline's `Compositor` with a network of `model` and the effects of `effects.device`.
Runs in the inference thread; the effects' background may be changed from any.

With every composite come three numbers that the device measured of its matte. They are judged by
`core.frame.ComposedFrame`; nothing here decides whether a picture may be shown.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from u2cam.core.frame import Composite, Frame
from u2cam.effects.gpu.chain import DeviceChain, Written
from u2cam.effects.gpu.transfer import Download, Slot, Transfer
from u2cam.effects_slot import EffectsSlot
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.roi.gpu_matter import DeviceRegion, View

FACTS_BYTES = 16
"""Before the picture's bytes: least and greatest value of the matte and the frame's mark."""
MARKS = 1 << 20
"""Marks count frames from 0 to this, exactly in float32."""


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """One frame on the device."""

    slot: Slot
    mark: int
    written: Written
    matte_shape: tuple[int, ...]
    small_shape: tuple[int, ...]
    """Of what the tracker learns from, between the facts and the picture."""
    view: View
    """What the tracker let the network look at."""
    download: Download


class DevicePath:
    """From frames to composites on a device.

    Args:
        matter: the network.
        effects: holds the effects; they must be a `DeviceChain` whenever a frame is submitted.
        region: where the network looks; None: at whole frames.
    """

    def __init__(
        self, matter: DeviceMatter, effects: EffectsSlot, region: DeviceRegion | None = None
    ) -> None:
        self._matter = matter
        self._region = region
        self._effects = effects
        self._transfer = Transfer(matter.torch_device)
        self._flying: deque[list[_Flight]] = deque()
        self._forget = threading.Event()
        self._submitted = 0

    @property
    def device_name(self) -> str:
        """The device that does the work."""
        return self._matter.device_name

    @property
    def batch(self) -> int:
        """Frames at once from now on."""
        return self._matter.batch

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of such frames as they were submitted last."""
        return self._matter.matte_size(size_wh)

    @torch.inference_mode()
    def submit(self, frames: Sequence[Frame]) -> None:
        """Begin the work on frames; does not wait for its end."""
        chain = self._effects.chain
        assert isinstance(chain, DeviceChain)
        if self._forget.is_set():
            self._forget.clear()
            with self._transfer.working():
                chain.reset()
            self._matter.reset()
            if self._region is not None:
                self._region.reset()
        slots: list[Slot] = []
        try:
            with self._transfer.working():
                self._flying.append(self._launched(chain, frames, slots))
        except BaseException:
            self._take_back(slots)
            raise

    def _launched(
        self, chain: DeviceChain, frames: Sequence[Frame], slots: list[Slot]
    ) -> list[_Flight]:
        """Launch all work on frames; every slot that they take is added to `slots` at once."""
        packet = chain.packet(frames[0].size_wh)
        # All of a batch go up before the first is worked on, so that copies overlap with work.
        sent: list[tuple[Slot, int, Written, Tensor]] = []
        for frame in frames:
            slot = self._transfer.slot(packet.bytes)
            slots.append(slot)
            mark = self._submitted % MARKS
            self._submitted += 1
            written = chain.write(frame.image, frame.time_s, slot.room)
            packet.write(slot.room, "mark", np.full(2, mark, np.float32))
            sent.append((slot, mark, written, self._transfer.upload(slot, written.bytes)))
        images = [packet.read(device, "image") for *_, device in sent]
        if self._region is None:
            mattes, view = self._matter.mattes(images), View(0, None)
            taught = images[0].new_empty((len(images), 0, 0))
        else:
            mattes, taught = self._region.mattes(images)
            view = self._region.view
        flights: list[_Flight] = []
        for (slot, mark, written, device), alpha, seen in zip(sent, mattes, taught, strict=True):
            picture = chain.compose(device, written, alpha)
            # Joining them also copies them out of what the next frame overwrites.
            facts = _facts(alpha, packet.read(device, "mark"))
            download = self._transfer.download(torch.cat((facts, seen.flatten(), picture)))
            shapes = tuple(alpha.shape), tuple(seen.shape)
            flights.append(_Flight(slot, mark, written, *shapes, view, download))
        return flights

    def collect(self) -> list[Composite]:
        """Wait for the frames that were submitted first, and return their composites in order."""
        flights = self._flying.popleft()
        try:
            composites = [self._landed(flight) for flight in flights]
        except BaseException:
            self._take_back([flight.slot for flight in flights])
            raise
        for flight in flights:
            self._transfer.give_back(flight.slot)
        return composites

    def _landed(self, flight: _Flight) -> Composite:
        """Wait for one frame and return its composite."""
        data = flight.download.wait()
        low, high, mark, _ = data[:FACTS_BYTES].view(np.float32)
        if mark != flight.mark:
            raise RuntimeError(
                f"{self.device_name}: asked for frame {flight.mark}, got {mark:g}; its picture "
                "is not shown"
            )
        rows, columns = flight.small_shape
        seen, picture = np.split(data[FACTS_BYTES:], [rows * columns])
        if self._region is not None:
            self._region.learn(seen.reshape(rows, columns), flight.view)
        picture = picture.reshape(flight.written.shape)
        return Composite(picture, flight.matte_shape, float(low), float(high))

    def abandon(self) -> None:
        """Forget what was submitted and everything before: after a failure."""
        self._take_back([flight.slot for flights in self._flying for flight in flights])
        self._flying.clear()
        self.reset()

    def _take_back(self, slots: Sequence[Slot]) -> None:
        """Return slots after a failure.

        What has begun must end before its memory is used for something else.
        """
        self._transfer.settle()
        for slot in slots:
            self._transfer.give_back(slot)

    def reset(self) -> None:
        """Forget what was seen before, from the next frame submitted on. From any thread."""
        self._forget.set()


def _facts(alpha: Tensor, mark: Tensor) -> Tensor:
    """Measure a matte (h, w) on its device: `FACTS_BYTES` bytes; NaN where it is not finite.

    The mark (2,) came up with the frame and goes down with its composite: memory that a copy never
    reached, still full of another frame, is not taken for this one's.
    """
    extremes = torch.stack((alpha.amin(), alpha.amax()))
    extremes = torch.where(torch.isfinite(alpha).all(), extremes, torch.nan)
    return torch.cat((extremes, mark)).view(torch.uint8)
