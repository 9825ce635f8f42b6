"""One way of a frame through planner and network, for frames on the host and on a GPU alike.

Where the network runs and what mattes are is the business of `Runner` and `Arrays`. What is learnt
of a matte may come later than the next frame: on a GPU a frame is submitted while the one before is
at work.
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
M = TypeVar("M", covariant=True)
"""The same, as results."""


class View(NamedTuple):
    """Of what a frame's matte was made."""

    number: int
    """Changes with the crop, and with every reset."""
    extra: Region | None
    """What the last frame of a batch was also run on."""


class Runner(Protocol[P, M]):
    """A network that is run on regions of frames: `NetworkMatter`, `GpuMatter`."""

    def frame_size(self, picture: P) -> tuple[int, int]:
        """Width and height of a frame."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of frames of a size."""

    def run(self, pictures: Sequence[P], region: Region, *, stateless: bool = False) -> M:
        """Return the mattes (B, h, w) of a region of frames."""

    def move_view(self, before: Region, now: Region) -> None:
        """Bring what is fed back from one region to another."""

    def forget(self) -> None:
        """Forget the previous matte at once."""


class Arrays(Protocol[A]):
    """What is done with mattes (B, h, w) of the full frame."""

    def place(self, inner: A, region: Region, size_wh: tuple[int, int]) -> A:
        """Return the mattes at a size over the full frame; 0 outside of the region."""

    def with_last(self, mattes: A, extra: A) -> A:
        """Return a copy, the last joined with (h, w), the larger value each."""

    def is_finite(self, mattes: A) -> bool:
        """Whether all values are finite."""

    def summary(self, mattes: A) -> A:
        """Return what is learnt from, (B, h', w'), every `boxes.STEP_PX`-th pixel; finite."""

    def to_host(self, summary: A) -> NDArray[np.float32]:
        """Wait for one summary (h', w') float32 in [0, 1]."""


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

    def __init__(self, runner: Runner[P, A], arrays: Arrays[A], planner: RegionPlanner) -> None:
        """Join a network, what mattes are, and what decides on the crops."""
        self.planner = planner
        self._runner = runner
        self._arrays = arrays
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
        self._runner.forget()
        self._crop = FULL_FRAME
        self._first = True

    def _run_first(self, picture: P) -> tuple[A, A, View]:
        made: tuple[Any, Any, View] = self._run([picture])
        mattes, summaries, view = made
        self.learn(self._arrays.to_host(summaries[0]), view)
        summary: Any
        for part in PARTS if self._arrays.is_finite(mattes) else ():
            if not self.planner.searches:
                break
            known = self._arrays.with_last(mattes, self._stateless(picture, part))
            summary = self._arrays.summary(known)
            self.learn(self._arrays.to_host(summary[0]), View(self._number, part))
        return made

    def _run(self, pictures: Sequence[P]) -> tuple[A, A, View]:
        size_wh = self._runner.frame_size(pictures[0])
        crop = self.planner.crop.on_grid(self._runner.matte_size(size_wh))
        extras = [region for _ in pictures if (region := self.planner.extra_pass()) is not None]
        extra = extras[-1] if extras else None
        found: Any = None if extra is None else self._stateless(pictures[-1], extra)
        if crop != self._crop:
            self._runner.move_view(self._crop, crop)
            self._crop = crop
        view = View(self._number, extra)
        mattes: Any = self._placed(self._runner.run(pictures, crop), crop, size_wh)
        known = mattes
        # Learnt from and not shown: what only one frame in sixty shows would flicker. Where it is
        # a person, the next frame's crop has all of it.
        if found is not None and found.shape == mattes.shape[1:]:
            if extra == FULL_FRAME:
                found = found * OUTSIDE
                left, top, right, bottom = crop.pixels((mattes.shape[2], mattes.shape[1]))
                found[top:bottom, left:right] = 0
            known = self._arrays.with_last(mattes, found)
        return mattes, self._arrays.summary(known), view

    def _stateless(self, picture: P, region: Region) -> A:
        """Return the matte (h, w) of a frame of which a region is run without the previous one."""
        inner = self._runner.run([picture], region, stateless=True)
        placed: Any = self._placed(inner, region, self._runner.frame_size(picture))
        matte: A = placed[0]
        return matte

    def _placed(self, inner: A, region: Region, size_wh: tuple[int, int]) -> A:
        if region == FULL_FRAME:
            return inner
        # The size is asked anew: the network may have taken another input meanwhile.
        return self._arrays.place(inner, region, self._runner.matte_size(size_wh))
