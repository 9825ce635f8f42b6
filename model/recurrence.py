"""How a network with a memory looks at pictures one after another, and what it is told each time.

Told nothing but its own matte, a network follows that: what a first picture's matte wrongly has,
stays, and what a matte once lost, hair above all, is not looked for again. So a first picture is
seen several times, and now and then one is also seen as if nothing had come before.

Run in the inference thread. `HostLooks` is for arrays; `device_matter.py` has the twin for tensors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.engines.torch import Engine
from u2cam.model.inputs.levels import join, remembered

Array = NDArray[Any]

A = TypeVar("A")
"""Pictures and mattes, of the host or of a device."""

SECOND_LOOKS = 2
"""How often a picture that nothing came before is seen once the network has been told what it is
sure of there: told so, it is surer, and the first frame is as good as the later ones."""

AFRESH_EVERY = 24
"""Of so many pictures one is also seen without memory. What is seen there is told until the next:
told for a few pictures only, it is lost again. Less often than one in twenty, so that the pictures
that take twice the time are no part of the slowest twentieth."""


class Looks(ABC, Generic[A]):
    """Looks at one picture after another, with a memory."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._previous: A | None = None
        self._afresh: A | None = None
        self._age = 0
        """Pictures since the one that was seen afresh."""

    def forget(self) -> None:
        """Take the next picture for a first one."""
        self._previous = None

    def glance(self, picture: A) -> A:
        """Return the matte of a picture as if nothing had come before, and forget the picture."""
        return self._see(picture, None)

    def look(self, picture: A) -> A:
        """Return the matte of the next picture, which is as the network takes it."""
        if self._previous is None:
            return self._first_look(picture)
        if self._afresh is None or self._age == AFRESH_EVERY:
            self._afresh, self._age = self._remembered(self._see(picture, None)), 0
        self._age += 1
        told = self._previous
        if self._afresh is not None:
            told = self._hinted(told, self._afresh)
        alpha = self._see(picture, told)
        self._previous = self._remembered(alpha)
        return alpha

    def carry(self, matrix: NDArray[np.float64]) -> None:
        """Carry what is remembered over to another view of the same scene.

        Args:
            matrix: (2, 3), scale and shift: turns places in the pictures to come into those in the
                ones before, in pixels. What lies outside was not seen and is told as nothing.
        """
        if self._previous is not None:
            self._previous = self._carried(self._previous, matrix)
        if self._afresh is not None:
            self._afresh = self._carried(self._afresh, matrix)

    def _first_look(self, picture: A) -> A:
        """See plainly, then again with what was sure there fed back."""
        self._previous = self._afresh = self._remembered(self._see(picture, None))
        self._age = 1
        for _ in range(SECOND_LOOKS):
            alpha = self._see(picture, self._previous)
            self._previous = self._remembered(alpha)
        return alpha

    @abstractmethod
    def _see(self, picture: A, told: A | None) -> A:
        """Return the matte of a picture, told what is remembered of the one before."""

    @abstractmethod
    def _remembered(self, alpha: A) -> A | None:
        """Return the sure part of a matte; of one that is not finite, nothing or zeros.

        A broken matte must not be fed back: it would break all that follow.
        """

    @abstractmethod
    def _carried(self, told: A, matrix: NDArray[np.float64]) -> A:
        """Return what is told of pictures in another view, as `carry` says."""

    @abstractmethod
    def _hinted(self, previous: A, afresh: A) -> A:
        """Return what is remembered, and where only `afresh` has it, half of that."""


class HostLooks(Looks[Array]):
    """With an engine; pictures are levels (h, w, 3), mattes (h, w) float32."""

    def __init__(self, engine: Engine) -> None:
        """Take what runs the network."""
        super().__init__()
        self._engine = engine

    def _see(self, picture: Array, told: Array | None) -> Array:
        return self._engine.run(join(picture, told))

    def _remembered(self, alpha: Array) -> Array | None:
        return remembered(alpha) if np.isfinite(alpha).all() else None

    def _hinted(self, previous: Array, afresh: Array) -> Array:
        return np.asarray(np.maximum(previous, afresh // 2))

    def _carried(self, told: Array, matrix: NDArray[np.float64]) -> Array:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(told, matrix, told.shape[::-1], flags=flags))
