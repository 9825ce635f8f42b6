"""The effects chain for frames that stay on a device, from upload to the finished picture.

The same settings, backgrounds, views and holding pictures as `effects.chain.EffectsChain`, from
which it is made; `render` still works, on the CPU. A frame takes three calls: `write` on the host
puts what the device needs into the packet, the caller brings the packet to the device in one copy,
`compose` launches the device's part. Used by one thread; `set_background`, `next_background` and
`cycle_view` by any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.arrays import ImageU8
from u2cam.effects.backgrounds.base import (
    Background,
    BackgroundError,
    ColourBackground,
    KeepBackground,
    Replacement,
)
from u2cam.effects.chain import EffectsChain
from u2cam.effects.gpu.color.color_match import MatchClock
from u2cam.effects.gpu.matte.motion_tracker import MotionTracker
from u2cam.effects.gpu.packet import Packet
from u2cam.effects.gpu.scene_backgrounds import scene_of
from u2cam.effects.gpu.steps import Making, Steps
from u2cam.effects.settings import EffectsSettings

Launch = Callable[[Tensor, Tensor], Tensor]
"""From packet and matte to the picture's bytes."""
Capture = Callable[[Launch, Callable[[], list[Tensor]]], Launch]
"""Turns a launch into one that replays a recording of it; also gets what a launch changes."""

KEPT_LAUNCHES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What `write` put into a packet."""

    making: Making
    bytes: int
    """How much of the packet has to travel."""
    new_background: bool
    """Whether the packet carries a background."""
    shape: tuple[int, ...]
    """(H, W, 3), (H, W, 4) or (H, W): of the picture that comes out."""


def as_it_is(launch: Launch, state: Callable[[], list[Tensor]]) -> Launch:
    """Record nothing: every frame launches its steps one by one."""
    return launch


class DeviceChain(EffectsChain):
    """The picture of a run, made on a device."""

    def __init__(
        self,
        device: torch.device,
        settings: EffectsSettings | None = None,
        background: str | Background = "blur",
        view: str = "composite",
        *,
        raw_matte: bool = False,
        backgrounds: Sequence[str] = (),
        capture: Capture = as_it_is,
    ) -> None:
        """Prepare everything that can fail.

        Args:
            device: where the frames are.
            settings: all steps' settings; None takes the defaults.
            background: a `-b` value, or a background made already.
            view: what a picture shows.
            raw_matte: the network's matte, only resized.
            backgrounds: `-b` values that `next_background` goes through.
            capture: records launches, for example as CUDA graphs.

        Raises:
            BackgroundError: a background that is not understood or cannot be read.
            ValueError: no such view.
        """
        settings = settings or EffectsSettings()
        self._device = device
        self._capture = capture
        self._tracker = MotionTracker(settings.matte)
        self._match_clock = MatchClock()
        self._steps: Steps | None = None
        self._steps_wh = (0, 0)
        self._launches: dict[tuple[Making, tuple[int, ...]], Launch] = {}
        self._uploaded: ImageU8 | None = None
        self._made_of: Background | None = None
        self._making: Making | None = None
        # Last, because it ends with a reset.
        super().__init__(settings, background, view, raw_matte=raw_matte, backgrounds=backgrounds)

    @property
    def device(self) -> torch.device:
        """Where the frames are."""
        return self._device

    @torch.inference_mode()
    def packet(self, size_wh: tuple[int, int]) -> Packet:
        """Return the layout of the packets of frames of a size."""
        return self._steps_for(size_wh).packet

    @torch.inference_mode()
    def write(self, image: ImageU8, time_s: float, room: NDArray[np.uint8]) -> Written:
        """Write a frame's packet: the host's part of its work.

        Args:
            image: (H, W, 3) uint8 RGB. Not written into.
            time_s: presentation time in seconds.
            room: (bytes,) uint8 of the size that `packet` tells.

        Raises:
            ValueError: not a frame.
            BackgroundError: a background that has no device twin.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError(
                f"effects: a frame is (H, W, 3) uint8, got {image.shape} {image.dtype}"
            )
        size_wh = (image.shape[1], image.shape[0])
        packet = self._steps_for(size_wh).packet
        self._size_wh = size_wh
        image = np.ascontiguousarray(image)
        motion = self._tracker.follow(image, time_s)
        background = self._background
        making = self._making_of(background)
        rates = (motion.still, self._match_clock.rate(time_s))
        packet.write(room, "image", image)
        packet.write(room, "small", motion.small)
        packet.write(room, "luma_u8", motion.luma_u8)
        packet.write(room, "rates", np.array(rates, np.float32))
        if motion.flow is not None:
            packet.write(room, "flow", motion.flow)
        new = False
        if isinstance(background, Replacement) and making.view in ("composite", "side-by-side"):
            picture = background.picture(size_wh, time_s)
            # A background that stands still returns the very same array.
            if picture is not self._uploaded:
                packet.write(room, "background", picture)
                self._uploaded, new = picture, True
        width, height = self.picture_size(size_wh)
        channels = {"rgb": (3,), "rgba": (4,), "gray": ()}[self.picture_kind]
        used = packet.bytes if new else packet.frame_bytes
        return Written(making, used, new, (height, width, *channels))

    @torch.inference_mode()
    def compose(self, packet: Tensor, written: Written, alpha: Tensor) -> Tensor:
        """Launch the device's part for a packet that is there.

        Args:
            packet: (bytes,) uint8 on the device, as `write` made it.
            written: what `write` returned.
            alpha: (h, w) float32 on the device.

        Returns:
            (n,) uint8, the bytes of a picture of `written.shape`; overwritten by the next call.
        """
        steps = self._steps
        assert steps is not None
        if written.new_background:
            steps.background.copy_(steps.packet.read(packet, "background"))
        key = (written.making, tuple(alpha.shape))
        launch = self._launches.get(key)
        if launch is None:
            making = written.making
            if len(self._launches) >= KEPT_LAUNCHES:
                self._launches.pop(next(iter(self._launches)))
            launch = self._capture(lambda p, a: steps.run(making, p, a), steps.state)
            self._launches[key] = launch
        return launch(packet[: steps.packet.frame_bytes], alpha)

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """While in this context, frames are tried out: black stands in for a replacement.

        A video's clock must not start here. Afterwards nothing of it is left.
        """
        chosen = self._background
        if isinstance(chosen, Replacement):
            self._background = ColourBackground((0, 0, 0))
        try:
            yield
        finally:
            self._background = chosen
            self.reset()

    @torch.inference_mode()
    def reset(self) -> None:
        """Forget smoothing state: after a scene cut or a gap."""
        super().reset()
        self._tracker.reset()
        self._match_clock.reset()
        self._uploaded = None  # after a failure nobody knows what has arrived
        if self._steps is not None:
            self._steps.reset()

    def _steps_for(self, size_wh: tuple[int, int]) -> Steps:
        if self._steps is None or size_wh != self._steps_wh:
            self._launches.clear()
            self._steps = Steps(self._settings, size_wh, self._device, raw_matte=self._raw_matte)
            self._steps_wh = size_wh
            self._tracker.reset()
            self._match_clock.reset()
            self._uploaded = None
        return self._steps

    def _making_of(self, background: Background) -> Making:
        """Say what is made now; the same object while nothing changes, so that it finds its launch.

        Raises:
            BackgroundError: a scene background that has no device twin.
        """
        view = self._view
        if self._making is not None and self._made_of is background and self._making.view == view:
            return self._making
        scene = None
        if not isinstance(background, Replacement):
            scene = scene_of(background)
            if scene is None:
                raise BackgroundError(
                    f"background {type(background).__name__}: not made on a device; "
                    "set model.resident = off"
                )
        self._made_of = background
        self._making = Making(view, scene, isinstance(background, KeepBackground))
        return self._making
