"""The previous matte as input: what a recurrent network is fed, and how often each frame is run.

A network that is fed nothing but its own matte follows it: what the first matte wrongly has stays,
and what one matte has lost, hair above all, is not found again. So a first frame is run several
times, and now and then a frame is also run without the previous matte.

These are the rules, for arrays and tensors alike; `NumpyBackend` and `gpu_recurrence.TorchBackend`
do the arithmetic. Runs in the inference thread.
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.engines.torch import Engine
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.recurrent_input import feedback, join
from u2cam.model.roi.region import Region

Array = NDArray[Any]

A = TypeVar("A")
"""Pictures, mattes and recurrent inputs: arrays or tensors."""

FIRST_PASSES = 2
"""How often a first frame is run once there is a matte to feed back: confidence rises with each
pass, and the first frame becomes as good as the later ones."""

STATELESS_EVERY = 24
"""One of so many frames is also run without the previous matte. What that pass shows is fed back
until the next one: fed back for a few frames only, it is lost again. Less often than one in twenty,
so that frames that take twice the time are no part of the slowest twentieth."""

MOST_ZOOM = 1.5
"""Of the scale between two crops: beyond it the previous matte is of no use."""


class Backend(Protocol[A]):
    """The arithmetic of a recurrence."""

    def run(self, picture: A, previous: A | None) -> A:
        """Return the matte of a picture; `previous` None: without the previous matte."""

    def feedback(self, alpha: A) -> A | None:
        """Return what is fed back of a matte; of one that is not finite, nothing or zeros.

        Fed back, a broken matte would break all that follow.
        """

    def warp(self, previous: A, matrix: NDArray[np.float64]) -> A:
        """Return a recurrent input in another view, as `Recurrence.warp` says."""

    def merge(self, previous: A, stateless: A) -> A:
        """Return the previous matte, and where only the stateless one has something, half of it."""


class Recurrence(Generic[A]):
    """Runs one frame after the other, each with the matte of the one before."""

    def __init__(self, backend: Backend[A]) -> None:
        """Begin with a first frame."""
        self._backend = backend
        self._previous: A | None = None
        self._stateless: A | None = None
        self._age = 0
        """Frames since the last stateless pass."""
        self._box: Letterbox | None = None

    def reset(self) -> None:
        """Take the next frame for a first one."""
        self._previous = None

    def run_stateless(self, picture: A) -> A:
        """Return the matte of a picture without the previous matte, and keep nothing of it."""
        return self._backend.run(picture, None)

    def run(self, picture: A, box: Letterbox) -> A:
        """Return the matte of the next frame.

        Args:
            picture: as the network takes it.
            box: where the frame lies in it; after another one this is a first frame.
        """
        backend = self._backend
        if self._previous is None or box != self._box:
            self._box = box
            return self._run_first(picture)
        if self._stateless is None or self._age == STATELESS_EVERY:
            self._stateless, self._age = backend.feedback(backend.run(picture, None)), 0
        self._age += 1
        previous = self._previous
        if self._stateless is not None:
            previous = backend.merge(previous, self._stateless)
        alpha = backend.run(picture, previous)
        self._previous = backend.feedback(alpha)
        return alpha

    def move_view(self, before: Region, now: Region) -> None:
        """Bring what is fed back from one crop of the frames to another, or reset.

        Args:
            before: the crop so far.
            now: the crop from the next frame on.
        """
        if self._box is None:
            return
        matrix = matrix_between(self._box, before, now)
        if not 1 / MOST_ZOOM < matrix[0, 0] < MOST_ZOOM:
            self.reset()
            return
        self.warp(matrix)

    def warp(self, matrix: NDArray[np.float64]) -> None:
        """Bring what is fed back to another view of the same scene.

        Args:
            matrix: (2, 3), scale and shift: turns places in the pictures to come into those in the
                ones before, in pixels. Zeros are fed back of what lies outside.
        """
        if self._previous is not None:
            self._previous = self._backend.warp(self._previous, matrix)
        if self._stateless is not None:
            self._stateless = self._backend.warp(self._stateless, matrix)

    def _run_first(self, picture: A) -> A:
        """Run without the previous matte, then again with what it showed fed back."""
        backend = self._backend
        self._previous = self._stateless = backend.feedback(backend.run(picture, None))
        self._age = 1
        for _ in range(FIRST_PASSES):
            alpha = backend.run(picture, self._previous)
            self._previous = backend.feedback(alpha)
        return alpha


def matrix_between(box: Letterbox, before: Region, now: Region) -> NDArray[np.float64]:
    """Return (2, 3): from pixels of the input that shows a crop to those of the one before it."""
    scale_x = (now.right - now.left) / (before.right - before.left)
    scale_y = (now.bottom - now.top) / (before.bottom - before.top)
    x = (now.left - before.left) / (before.right - before.left) * box.content_wh[0]
    y = (now.top - before.top) / (before.bottom - before.top) * box.content_wh[1]
    # Pixels are counted from the middle of the first, and from the edge of the bars.
    middle_x, middle_y = 0.5 - box.left, 0.5 - box.top
    shift_x, shift_y = x + middle_x * scale_x - middle_x, y + middle_y * scale_y - middle_y
    return np.array(((scale_x, 0.0, shift_x), (0.0, scale_y, shift_y)))


class NumpyBackend:
    """With any engine; pictures are levels (h, w, 3), mattes (h, w) float32, fed back in 8 bits."""

    def __init__(self, engine: Engine) -> None:
        """Take what runs the network."""
        self._engine = engine

    def run(self, picture: Array, previous: Array | None) -> Array:
        """As `Backend`."""
        return self._engine.run(join(picture, previous))

    def feedback(self, alpha: Array) -> Array | None:
        """As `Backend`."""
        return feedback(alpha) if np.isfinite(alpha).all() else None

    def warp(self, previous: Array, matrix: NDArray[np.float64]) -> Array:
        """As `Backend`."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(previous, matrix, previous.shape[::-1], flags=flags))

    def merge(self, previous: Array, stateless: Array) -> Array:
        """As `Backend`."""
        return np.asarray(np.maximum(previous, stateless // 2))
