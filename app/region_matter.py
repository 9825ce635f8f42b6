"""Shows the network the person instead of the whole frame, where the person is small.

Joins a network of `model` with the region tracking of `effects`; fulfils the pipeline's `Matter`.
Runs in the inference thread.
"""

from collections.abc import Sequence

import numpy as np

from effects.region import WHOLE, RegionTracker, cut, place
from model.matter import NetworkMatter
from stream.frame import AlphaF32, ImageU8


class RegionMatter:
    """A matter whose network looks at the region around the person of the last frames."""

    def __init__(self, matter: NetworkMatter, tracker: RegionTracker | None = None) -> None:
        self._matter = matter
        self._tracker = tracker or RegionTracker()
        self._region = WHOLE

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
        """Return the matte (h, w) of a frame (H, W, 3); 0 outside the region that was looked at."""
        region = self._tracker.region
        glance = self._matter.glance(image) if self._tracker.wants_whole() else None
        picture = image if region == WHOLE else cut(image, region)
        if region != self._region:
            # What a network remembers lies elsewhere in the new picture.
            self._matter.reset()
            self._region = region
        alpha = self._matter.matte(picture)
        if region != WHOLE:
            alpha = place(alpha, region, self.matte_size((image.shape[1], image.shape[0])))
        if glance is not None:
            # Somebody new outside the region shows at once; from the next frame on it holds both.
            seen = place(np.ones_like(glance), region, (glance.shape[1], glance.shape[0]))
            alpha = np.where(seen > 0, alpha, glance)
        if np.isfinite(alpha).all():
            self._tracker.learn(alpha)
        else:
            self.reset()
        return alpha

    def reset(self) -> None:
        """Forget the frames before, and look at the whole frame next."""
        self._matter.reset()
        self._tracker.reset()
        self._region = WHOLE
