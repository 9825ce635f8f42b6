"""A network as the pipeline wants it: a frame in, its matte out, both in the host's memory.

Runs in the inference thread, after being built by the thread that starts the program. Joins
preprocessing, network and recurrence; knows nothing of queues or smoothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.core.frame import Frame
from u2cam.core.scene import SceneGate
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.preprocess import normalise, resize_input, stretch
from u2cam.model.loaded_network import LoadedNetwork, NetworkFacts
from u2cam.model.recurrence import NumpyBackend, Recurrence
from u2cam.model.roi.boxes import cut
from u2cam.model.roi.region import FULL_FRAME, Region


class NetworkMatter(NetworkFacts):
    """Fulfils the pipeline's `Matter` protocol with a registered network, run on full frames."""

    def __init__(self, network: LoadedNetwork, *, still: bool = False) -> None:
        """Take a network; `still`: single images, treated as the authors treat a photo."""
        super().__init__(network)
        self.still = still
        self._scene = SceneGate()
        self._recurrence = None
        if network.spec.recurrent:
            self._recurrence = Recurrence(NumpyBackend(network.engine))

    def matte(self, frame: Frame) -> AlphaF32:
        """Return the matte (h, w) of a frame, over the same field of view.

        Its size is the network's own, letterbox bars removed. A network that broke down may give
        values that are not finite: the caller checks, as for any matter.
        """
        if self._scene.is_new(frame.scene):
            self.forget()
        matte: AlphaF32 = self.run([frame], FULL_FRAME)[0]
        return matte

    def run(
        self, pictures: Sequence[Frame], region: Region, *, stateless: bool = False
    ) -> NDArray[np.float32]:
        """Return the matte (1, h, w) of a region of one frame, without asking for its scene.

        Args:
            pictures: the frame.
            region: what of it to run, in the shape and size in which the frame would be.
            stateless: without the previous matte; nothing of the pass is kept.
        """
        (frame,) = pictures
        matte = self.network.run(lambda: self._run(frame, region, stateless), self.forget)
        return matte.reshape(1, *matte.shape)

    def frame_size(self, picture: Frame) -> tuple[int, int]:
        """Width and height of a frame."""
        return picture.size_wh

    def move_view(self, before: Region, now: Region) -> None:
        """Bring what is fed back from one region of the frames to another."""
        if self._recurrence is not None:
            self._recurrence.move_view(before, now)

    def forget(self) -> None:
        """Forget the previous matte at once; from the inference thread only."""
        if self._recurrence is not None:
            self._recurrence.reset()

    def reset(self) -> None:
        """Forget the previous matte before the next frame; from any thread."""
        self._scene.reset()

    def _run(self, frame: Frame, region: Region, stateless: bool) -> AlphaF32:
        spec = self.network.spec
        box = self.network.fit(frame.size_wh)
        picture = resize_input(spec, box, self._pixels(frame, region, box))
        if self._recurrence is None:
            photo = self.still and spec.stretches_photos
            matte = box.remove(self.network.engine.run(normalise(picture, still=photo)))
            return stretch(matte) if photo else matte
        if stateless:
            return box.remove(self._recurrence.run_stateless(picture))
        alpha = self._recurrence.run(picture, box)
        if self.still:
            self._recurrence.reset()
        return box.remove(alpha)

    def _pixels(self, frame: Frame, region: Region, box: Letterbox) -> ImageU8:
        if region != FULL_FRAME:
            return cut(frame.image, region)
        if self.network.spec.averages_pixels:
            return frame.at_least(box.content_wh)
        return frame.image
