"""Runs the network on the person instead of the full frame, where the person is small.

Fulfils the pipeline's `Matter`. Runs in the inference thread.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32
from u2cam.core.frame import Frame
from u2cam.core.scene import SceneGate
from u2cam.model.loaded_network import NetworkFacts
from u2cam.model.matter import NetworkMatter
from u2cam.model.roi.boxes import STEP_PX, place
from u2cam.model.roi.flow import RegionFlow, planner_for
from u2cam.model.roi.planner import RegionPlanner
from u2cam.model.roi.region import FULL_FRAME, Region

Mattes = NDArray[np.float32]


class RegionMatter(NetworkFacts):
    """A matter whose network is run on a crop around the persons of the last frames."""

    def __init__(self, matter: NetworkMatter, planner: RegionPlanner | None = None) -> None:
        """Join a network and what decides on the crops."""
        super().__init__(matter.network)
        self._still = matter.still
        self._scene = SceneGate()
        self.flow = RegionFlow(HostPasses(matter), planner or planner_for(matter.network.spec))

    def matte(self, frame: Frame) -> AlphaF32:
        """Return the matte (h, w) of a frame; 0 outside of the crop."""
        if self._scene.is_new(frame.scene) or self._still:
            self.flow.reset()
        mattes, summaries, view = self.flow.run([frame])
        self.flow.learn(summaries[0], view)
        matte: AlphaF32 = mattes[0]
        return matte

    def reset(self) -> None:
        """Forget the frames before, and begin with the full frame; from any thread."""
        self._scene.reset()


class HostPasses:
    """Passes of a network over frames in the host's memory, one at a time."""

    def __init__(self, matter: NetworkMatter) -> None:
        """Take the network."""
        self._matter = matter

    def frame_size(self, picture: Frame) -> tuple[int, int]:
        """As `flow.Passes`."""
        return picture.size_wh

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """As `flow.Passes`."""
        return self._matter.matte_size(size_wh)

    def run(self, pictures: Sequence[Frame], region: Region) -> Mattes:
        """As `flow.Passes`, of one frame."""
        (frame,) = pictures
        return self._placed(self._matter.run(frame, region), frame, region)[None]

    def run_stateless(self, picture: Frame, region: Region) -> Mattes:
        """As `flow.Passes`."""
        alpha = self._matter.run(picture, region, stateless=True)
        return self._placed(alpha, picture, region)

    def move_view(self, before: Region, now: Region) -> None:
        """As `flow.Passes`."""
        self._matter.move_view(before, now)

    def with_last(self, mattes: Mattes, extra: Mattes) -> Mattes:
        """As `flow.Passes`."""
        return np.asarray(np.maximum(mattes, extra), np.float32)

    def is_finite(self, mattes: Mattes) -> bool:
        """As `flow.Passes`."""
        return bool(np.isfinite(mattes).all())

    def summary(self, mattes: Mattes) -> Mattes:
        """As `flow.Passes`."""
        return np.nan_to_num(mattes[:, ::STEP_PX, ::STEP_PX], posinf=0.0, neginf=0.0)

    def to_host(self, summary: Mattes) -> Mattes:
        """As `flow.Passes`: it is there."""
        return summary

    def reset(self) -> None:
        """As `flow.Passes`."""
        self._matter.forget()

    def _placed(self, alpha: AlphaF32, frame: Frame, region: Region) -> AlphaF32:
        if region == FULL_FRAME:
            return alpha
        # The size is asked anew: the network may have taken another input meanwhile.
        return place(alpha, region, self.matte_size(frame.size_wh))
