"""Runs the network on the person instead of the full frame, where the person is small.

Fulfils the pipeline's `Matter`. Runs in the inference thread.
"""

from __future__ import annotations

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
from u2cam.model.roi.region import Region

Mattes = NDArray[np.float32]


class RegionMatter(NetworkFacts):
    """A matter whose network is run on a crop around the persons of the last frames."""

    def __init__(self, matter: NetworkMatter, planner: RegionPlanner | None = None) -> None:
        """Join a network and what decides on the crops."""
        super().__init__(matter.network)
        self._still = matter.still
        self._scene = SceneGate()
        self.flow = RegionFlow(matter, HostArrays(), planner or planner_for(matter.network.spec))

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


class HostArrays:
    """Mattes of one frame in the host's memory; methods as of `flow.Arrays`."""

    def place(self, inner: Mattes, region: Region, size_wh: tuple[int, int]) -> Mattes:
        """Put the matte into the full frame."""
        return place(inner[0], region, size_wh)[None]

    def with_last(self, mattes: Mattes, extra: Mattes) -> Mattes:
        """Join two mattes."""
        return np.asarray(np.maximum(mattes, extra), np.float32)

    def is_finite(self, mattes: Mattes) -> bool:
        """Check all values."""
        return bool(np.isfinite(mattes).all())

    def summary(self, mattes: Mattes) -> Mattes:
        """Leave pixels out."""
        return np.nan_to_num(mattes[:, ::STEP_PX, ::STEP_PX], posinf=0.0, neginf=0.0)

    def to_host(self, summary: Mattes) -> Mattes:
        """Return it: it is there."""
        return summary
