"""Which part of the frame the network is run on next: boxes in, crop out; no pixels.

A small person in a wide shot fills few of the network's pixels. The crop around the person of the
last frames gives it all of them. It must not hide a person who walks in elsewhere: every
`full_frame_every` frames there is a full-frame pass as well, and where the person is lost, the
crop is the full frame. Where there is no person, parts of the frame are searched in turn for one
too small for the full-frame pass.
"""

from __future__ import annotations

from u2cam.model.roi.region import FULL_FRAME, PARTS, Region, expected, is_cut_off

CONFIDENT, STILL_CONFIDENT = 0.8, 0.6
"""Confidence of a component of the matte from which it is a person, and from which it still is once
a crop shows it. With 0.7 instead of 0.8 a crop took in the cats beside a small person."""

MOST_ROOM = 1.7
"""A crop of so much more area than a new one would have is given up for that."""

STAYS = 1.2
"""A crop may be so much larger than would be worth it, before it is left for the full frame: a
person of just that size would have it come and go."""


class RegionPlanner:
    """Decides frame by frame which crop comes next. Used by one thread.

    The crop stays where it is while the person stays well inside it: a crop that trembled would
    make the matte tremble.
    """

    def __init__(
        self,
        margin: float = 0.25,
        full_frame_every: int = 30,
        worth: float = 0.5,
        search_every: int | None = None,
        frame_shape: bool = False,
        frames_ahead: int = 1,
    ) -> None:
        """Set the margins.

        Args:
            margin: room around the person, as share of the person's longer side.
            full_frame_every: frames from one full-frame pass to the next while there is a crop.
            worth: a crop above this share of the frame's area is not worth it.
            search_every: where there is no person, frames from one searched part to the next;
                None: there is no search.
            frame_shape: crops have the frame's own shape.
            frames_ahead: how long after a frame the next is that its box is used for.
        """
        self._frames_ahead = frames_ahead
        self._frame_shape = frame_shape
        self._margin = margin
        self._full_frame_every = full_frame_every
        self._search_every = search_every
        self._worth = worth
        self._crop = FULL_FRAME
        self._box: Region | None = None
        self._since_pass = 0
        self._next_part = 0

    @property
    def crop(self) -> Region:
        """What the network is run on in the coming frame."""
        return self._crop

    @property
    def confidence_needed(self) -> float:
        """What a component of the coming matte needs to be a person."""
        return CONFIDENT if self._crop == FULL_FRAME else STILL_CONFIDENT

    @property
    def searches(self) -> bool:
        """Whether there is no person, and a small one is searched for."""
        return self._box is None and self._search_every is not None

    def reset(self) -> None:
        """Begin with the full frame."""
        self._lose()
        self._since_pass = self._next_part = 0

    def extra_pass(self) -> Region | None:
        """Count a frame; return what else it is run on, the full frame or a part, if anything."""
        every = self._search_every if self._box is None else self._full_frame_every
        if every is None or (self._box is not None and self._crop == FULL_FRAME):
            return None
        self._since_pass += 1
        if self._since_pass < every:
            return None
        self._since_pass = 0
        if self._box is not None:
            return FULL_FRAME
        part = PARTS[self._next_part]
        self._next_part = (self._next_part + 1) % len(PARTS)
        return part

    def learn(self, box: Region | None, extra: Region | None = None) -> None:
        """Take in where the persons of the last frame are.

        Args:
            box: the least region with all of them, as `boxes.box_of` finds it; None: none there.
            extra: what the frame's extra pass was of, if there was one.
        """
        if box is None or (extra in PARTS and is_cut_off(box, extra)):
            self._lose()
            return
        ahead = expected(box, self._box or box, self._frames_ahead)
        self._box = box
        worth = self._worth * (1 if self._crop == FULL_FRAME else STAYS)
        room = self._room(ahead)
        if self._room(box).area > worth:
            self._crop = FULL_FRAME
        elif (
            self._crop == FULL_FRAME
            or not self._crop.holds(ahead.widened(self._margin / 3))
            or self._crop.area > MOST_ROOM * room.area
        ):
            self._crop = room

    def _lose(self) -> None:
        self._crop = FULL_FRAME
        self._box = None

    def _room(self, box: Region) -> Region:
        """Return the crop for persons in a box."""
        room = box.widened(self._margin)
        return room.in_shape() if self._frame_shape else room
