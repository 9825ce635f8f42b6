"""Renders frames that stay on a device, from upload to the finished picture.

The same settings and pictures as `effects.renderer.CpuRenderer`. A frame takes three calls: `write`
on the host puts what the device needs into the packet, the caller brings the packet to the device
in one copy, `compose` launches the device's part. Used by one thread, but for `reset`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import BackgroundError
from u2cam.core.frame import Frame
from u2cam.core.scene import SceneGate
from u2cam.effects.backgrounds.base import Background, KeepBackground, Replacement
from u2cam.effects.color.color_match import MatchClock
from u2cam.effects.gpu.packet import Packet
from u2cam.effects.gpu.scene_backgrounds import scene_of
from u2cam.effects.gpu.steps import Making, Steps
from u2cam.effects.grid import grid_size
from u2cam.effects.motion.motion_tracker import MotionTracker
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import require_image
from u2cam.effects.settings import EffectsSettings
from u2cam.imaging.pyramid import Pyramid

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


class GpuRenderer:
    """The picture of a run, made on a device."""

    def __init__(
        self,
        device: torch.device,
        presentation: Presentation,
        settings: EffectsSettings | None = None,
        *,
        raw_matte: bool = False,
        capture: Capture = as_it_is,
    ) -> None:
        """Allocate nothing yet: that waits for the size of the frames.

        Args:
            device: where the frames are.
            presentation: what is shown.
            settings: of matte and colour; None takes the defaults.
            raw_matte: the network's matte, only resized.
            capture: records launches, for example as CUDA graphs.
        """
        self.presentation = presentation
        self._settings = settings or EffectsSettings()
        self.device = device
        """Where the frames are."""
        self._raw_matte = raw_matte
        self._capture = capture
        self._scene = SceneGate()
        self._tracker = MotionTracker(self._settings.matte.smoothing_s)
        self._match_clock = MatchClock()
        self._steps: Steps | None = None
        self._steps_wh = (0, 0)
        self._launches: dict[tuple[Making, tuple[int, ...]], Launch] = {}
        self._uploaded: ImageU8 | None = None
        self._made_of: Background | None = None
        self._making: Making | None = None

    @torch.inference_mode()
    def packet(self, size_wh: tuple[int, int]) -> Packet:
        """Return the layout of the packets of frames of a size."""
        return self._steps_for(size_wh).packet

    @torch.inference_mode()
    def write(
        self, frame: Frame, room: NDArray[np.uint8], background: Background | None = None
    ) -> Written:
        """Write a frame's packet: the host's part of its work.

        Args:
            frame: not written into. Smoothing and moving backgrounds follow its time; smoothing
                begins anew where its scene changed.
            room: (bytes,) uint8 of the size that `packet` tells.
            background: instead of that of the presentation.

        Raises:
            ValueError: not a frame.
            BackgroundError: a background that has no GPU implementation.
        """
        require_image(frame)
        if self._scene.is_new(frame.scene):
            self._forget()
        size_wh = self.presentation.frame_wh = frame.size_wh
        packet = self._steps_for(size_wh).packet
        pyramid = Pyramid(np.ascontiguousarray(frame.image), frame.levels)
        small = pyramid.at(grid_size(size_wh))
        luma_u8 = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        still = 1.0
        if self._settings.matte.smoothing == "flow":
            motion = self._tracker.follow(luma_u8, frame.time_s)
            packet.write(room, "flow", motion.flow)
            still = motion.still
        background = background or self.presentation.background
        making = self._making_of(background, covered=frame.coverage is not None)
        rates = (still, self._match_clock.rate(frame.time_s))
        packet.write(room, "image", pyramid.image)
        packet.write(room, "small", small)
        packet.write(room, "luma_u8", luma_u8)
        packet.write(room, "rates", np.array(rates, np.float32))
        if frame.coverage is not None:
            packet.write(room, "coverage", frame.coverage)
        new = False
        if isinstance(background, Replacement) and making.view in ("composite", "side-by-side"):
            picture = background.picture(size_wh, frame.time_s)
            # A background that stands still returns the very same array.
            if picture is not self._uploaded:
                packet.write(room, "background", picture)
                self._uploaded, new = picture, True
        used = packet.covered_bytes if making.covered else packet.frame_bytes
        return Written(
            making, packet.bytes if new else used, new, self.presentation.picture_shape(size_wh)
        )

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
        covered = written.making.covered
        used = steps.packet.covered_bytes if covered else steps.packet.frame_bytes
        return launch(packet[:used], alpha)

    def reset(self) -> None:
        """Forget all frames before the next one; from any thread."""
        self._scene.reset()

    def _forget(self) -> None:
        self._tracker.reset()
        self._match_clock.reset()
        self._uploaded = None  # after a failure it is not known what has arrived
        if self._steps is not None:
            self._steps.reset()

    def _steps_for(self, size_wh: tuple[int, int]) -> Steps:
        if self._steps is None or size_wh != self._steps_wh:
            self._launches.clear()
            self._steps = Steps(self._settings, size_wh, self.device, raw_matte=self._raw_matte)
            self._steps_wh = size_wh
            self._tracker.reset()
            self._match_clock.reset()
            self._uploaded = None
        return self._steps

    def _making_of(self, background: Background, *, covered: bool) -> Making:
        """Say what is made now; the same object while nothing changes, so that it finds its launch.

        Raises:
            BackgroundError: a scene background that has no GPU implementation.
        """
        view = self.presentation.view
        made = self._making
        if made is not None and self._made_of is background and made.view == view:
            if made.covered != covered:
                self._making = replace(made, covered=covered)
            return self._making or made
        scene = None
        if not isinstance(background, Replacement):
            scene = scene_of(background)
            if scene is None:
                raise BackgroundError(
                    f"background {type(background).__name__}: not made on a device; "
                    "set model.resident = off"
                )
        self._made_of = background
        untouched = isinstance(background, KeepBackground)
        self._making = Making(view, scene, untouched, covered)
        return self._making
