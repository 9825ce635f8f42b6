"""One way of a frame through planner and network, for frames on the host and on a GPU alike.

Where the network runs and what mattes are is the business of `Passes`. What is learnt of a matte
may come later than the next frame: on a GPU a frame is submitted while the one before is at work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from u2cam.model.registry import ModelSpec
from u2cam.model.roi.boxes import box_of
from u2cam.model.roi.planner import CONFIDENT, STILL_CONFIDENT, RegionPlanner
from u2cam.model.roi.region import FULL_FRAME, PARTS, Region

OUTSIDE = STILL_CONFIDENT / CONFIDENT
"""What a full-frame pass shows outside of the crop is learnt multiplied by this: there it needs as
much to be a person as without a crop. Else something of half the confidence would draw the crop
there, and be lost again."""

P = TypeVar("P", contravariant=True)
"""A frame's picture: a `Frame` on the host, a tensor on a GPU."""
A = TypeVar("A")
"""Mattes: arrays on the host, tensors on a GPU."""


class View(NamedTuple):
    """Of what a frame's matte was made."""

    number: int
    """Changes with the crop, and with every reset."""
    extra: Region | None
    """What the last frame of a batch was also run on."""


class Passes(Protocol[P, A]):
    """Passes of the network; all mattes are over the full field of view."""

    def frame_size(self, picture: P) -> tuple[int, int]:
        """Width and height of a frame."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of frames of a size."""

    def run(self, pictures: Sequence[P], region: Region) -> A:
        """Return mattes (B, h, w) of frames of which a region is shown; 0 outside of it."""

    def run_stateless(self, picture: P, region: Region) -> A:
        """Return such a matte (h, w) without the previous matte."""

    def move_view(self, before: Region, now: Region) -> None:
        """Bring what is fed back from one region to another."""

    def with_last(self, mattes: A, extra: A) -> A:
        """Return a copy of mattes (B, h, w), the last joined with (h, w), the larger value each."""

    def is_finite(self, mattes: A) -> bool:
        """Whether all values are finite."""

    def summary(self, mattes: A) -> A:
        """Return what is learnt from, (B, h', w'), every `boxes.STEP_PX`-th pixel; finite."""

    def to_host(self, summary: A) -> NDArray[np.float32]:
        """Wait for one summary (h', w') float32 in [0, 1]."""

    def reset(self) -> None:
        """Forget the previous matte."""


def planner_for(spec: ModelSpec, frames_ahead: int = 1) -> RegionPlanner:
    """Return a planner with the margins for a kind of network.

    One that is trained on people needs little around them (`bench.region`); the others need more
    of the scene.
    """
    if spec.recurrent:
        # Full-frame passes add to the stateless ones: fewer of them.
        return RegionPlanner(
            margin=0.08,
            worth=0.75,
            full_frame_every=60,
            search_every=8,
            frame_shape=spec.keeps_aspect,
            frames_ahead=frames_ahead,
        )
    return RegionPlanner(frames_ahead=frames_ahead)


class RegionFlow(Generic[P, A]):
    """Runs a network on crops around the persons. Used by one thread."""

    def __init__(self, passes: Passes[P, A], planner: RegionPlanner) -> None:
        """Join a network and what decides on the crops."""
        self.planner = planner
        self._passes = passes
        self._crop = FULL_FRAME
        self._first = True
        self._number = 0

    def run(self, pictures: Sequence[P]) -> tuple[A, A, View]:
        """Run frames of one size.

        A first frame is run in full and, where there is no person, part by part; then, where one
        was found, on the crop like all others.

        Returns:
            The mattes (B, h, w); of each what `learn` is to be given, (B, h', w'); their view.
        """
        if self._first:
            self._first = False
            made = self._run_first(pictures[0])
            if len(pictures) == 1 and self.planner.crop == FULL_FRAME:
                return made
        return self._run(pictures)

    def learn(self, summary: NDArray[np.float32], view: View) -> None:
        """Take in a frame's summary (h', w') in [0, 1].

        Not of a frame of another view: it lacks a person who was found since, and would take the
        crop away again.
        """
        if view.number != self._number:
            return
        before = self.planner.crop
        self.planner.learn(box_of(summary, self.planner.confidence_needed), view.extra)
        if self.planner.crop != before:
            self._number += 1

    def reset(self) -> None:
        """Take the next frame for a first one."""
        self._number += 1
        self.planner.reset()
        self._passes.reset()
        self._crop = FULL_FRAME
        self._first = True

    def _run_first(self, picture: P) -> tuple[A, A, View]:
        made: tuple[Any, Any, View] = self._run([picture])
        mattes, summaries, view = made
        self.learn(self._passes.to_host(summaries[0]), view)
        summary: Any
        for part in PARTS if self._passes.is_finite(mattes) else ():
            if not self.planner.searches:
                break
            known = self._passes.with_last(mattes, self._passes.run_stateless(picture, part))
            summary = self._passes.summary(known)
            self.learn(self._passes.to_host(summary[0]), View(self._number, part))
        return made

    def _run(self, pictures: Sequence[P]) -> tuple[A, A, View]:
        passes = self._passes
        crop = self.planner.crop.on_grid(passes.matte_size(passes.frame_size(pictures[0])))
        extras = [region for _ in pictures if (region := self.planner.extra_pass()) is not None]
        extra = extras[-1] if extras else None
        found: Any = None if extra is None else passes.run_stateless(pictures[-1], extra)
        if crop != self._crop:
            passes.move_view(self._crop, crop)
            self._crop = crop
        view = View(self._number, extra)
        mattes: Any = passes.run(pictures, crop)
        known = mattes
        # Learnt from and not shown: what only one frame in sixty shows would flicker. Where it is
        # a person, the next frame's crop has all of it.
        if found is not None and found.shape == mattes.shape[1:]:
            if extra == FULL_FRAME:
                found = found * OUTSIDE
                left, top, right, bottom = crop.pixels((mattes.shape[2], mattes.shape[1]))
                found[top:bottom, left:right] = 0
            known = passes.with_last(mattes, found)
        return mattes, passes.summary(known), view
