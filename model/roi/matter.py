"""Shows the network the person instead of the whole frame, where the person is small.

Joins a network of `model` with the region tracking of `effects`; fulfils the pipeline's `Matter`.
Runs in the inference thread.
"""

from collections.abc import Sequence

import numpy as np

from u2cam.core.frame import AlphaF32, ImageU8
from u2cam.model.matter import NetworkMatter
from u2cam.model.roi.tracker import (
    ELSEWHERE,
    PARTS,
    STEP_PX,
    WHOLE,
    Region,
    RegionTracker,
    cut,
    place,
)


def tracker_for(matter: NetworkMatter, frames_ahead: int = 1) -> RegionTracker:
    """Return a tracker with the margins for a kind of network.

    One for people is shown little but them (`bench.region`); the others keep more of the scene.
    """
    if matter.has_one_shape:
        # Looks at the whole frame add to those that its memory takes: fewer of them.
        return RegionTracker(
            margin=0.08,
            worth=0.75,
            look_every=60,
            search_every=8,
            one_shape=True,
            frames_ahead=frames_ahead,
        )
    return RegionTracker(frames_ahead=frames_ahead)


class RegionMatter:
    """A matter whose network looks at the region around the person of the last frames."""

    def __init__(
        self,
        matter: NetworkMatter,
        tracker: RegionTracker | None = None,
        *,
        still: bool = False,
    ) -> None:
        """Join a network and what tells where to look; `still`: pictures have nothing in common."""
        self._matter = matter
        self._tracker = tracker or tracker_for(matter)
        self._still = still
        self._region = WHOLE
        self._first = True

    @property
    def model_name(self) -> str:
        """The network's name."""
        return self._matter.model_name

    @property
    def device_name(self) -> str:
        """The device that does the work."""
        return self._matter.device_name

    @property
    def precision(self) -> str:
        """The network's precision."""
        return self._matter.precision

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        """The network's input sizes to choose from."""
        return self._matter.input_sizes_wh

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another input size from the next picture on."""
        self._matter.use_input_size(size_wh)

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """The size of a matte of the whole frame."""
        return self._matter.matte_size(size_wh)

    def matte(self, image: ImageU8) -> AlphaF32:
        """Return the matte (h, w) of a frame (H, W, 3); 0 outside the region that was looked at.

        The first frame is seen whole and, where nobody is, part by part; then, where there is one,
        on its crop, like all others.
        """
        first, self._first = self._first, False
        alpha = self._look(image)
        if first and np.isfinite(alpha).all():
            for part in PARTS:
                if not self._tracker.searches:
                    break
                self._learn(alpha, self._glance(image, part), part)
            if self._tracker.region != WHOLE:
                alpha = self._look(image)
        if self._still:
            self.reset()
        return alpha

    def _look(self, image: ImageU8) -> AlphaF32:
        frame_wh = (image.shape[1], image.shape[0])
        region = self._tracker.region.on_grid(self.matte_size(frame_wh))
        glanced = self._tracker.glance_at()
        glance = None if glanced is None else self._glance(image, glanced)
        if region != self._region:
            self._matter.turn(self._region, region)
            self._region = region
        if region == WHOLE:
            alpha = self._matter.matte(image)
        else:
            alpha = self._matter.matte(cut(image, region), frame_wh)
            # The size is asked anew: the network may have taken another input meanwhile.
            alpha = place(alpha, region, self.matte_size(frame_wh))
        if np.isfinite(alpha).all():
            self._learn(alpha, glance, glanced)
        else:
            self.reset()
        return alpha

    def _glance(self, image: ImageU8, part: Region) -> AlphaF32:
        """Return the matte of a frame (H, W, 3) of which only a part is seen, told nothing."""
        frame_wh = (image.shape[1], image.shape[0])
        alpha = np.nan_to_num(self._matter.glance(cut(image, part), frame_wh))
        return place(alpha, part, self.matte_size(frame_wh))

    def _learn(self, alpha: AlphaF32, glance: AlphaF32 | None, glanced: Region | None) -> None:
        """Let the tracker know a frame's matte and that of a glance.

        The glance is not shown: what is half seen for one frame in sixty flickers. Of somebody new
        the tracker takes in, the next frame has all.
        """
        known = alpha
        if glance is not None and glance.shape == alpha.shape:
            if glanced == WHOLE:
                glance = glance * ELSEWHERE
                left, top, right, bottom = self._region.pixels((alpha.shape[1], alpha.shape[0]))
                glance[top:bottom, left:right] = 0
            known = np.maximum(alpha, glance)
        self._tracker.learn(known[::STEP_PX, ::STEP_PX], glanced)

    def reset(self) -> None:
        """Forget the frames before, and look at the whole frame next."""
        self._matter.reset()
        self._tracker.reset()
        self._region = WHOLE
        self._first = True
