"""Time stamps made to grow: for files whose stamps are missing, repeat, fall back or leap.

| stamp | where the picture goes |
|---|---|
| missing | a frame behind the last one |
| repeated | half a frame behind the last one, so that the next good stamp is again good; from the
second repetition on a frame: such a file has its rate's times |
| up to `JUMP_S` before the last one | half a frame behind it, until the stamps have caught up |
| further back, or more than `LEAP_S` ahead | a frame behind the last one: a new stretch of time |
"""

from fractions import Fraction

JUMP_S = 1
"""A stamp that falls back by more than this starts a new stretch of time (a clock that wraps)."""
LEAP_S = 3600
"""And so does one that is further ahead: no film has a picture that lasts an hour."""


class StampRepair:
    """Gives the pictures of one track their places, strictly increasing.

    Args:
        frame_units: nominal length of a picture in units of the time base.
        time_base: seconds per unit.
        leaps: also close gaps of more than `LEAP_S`.
    """

    def __init__(self, frame_units: Fraction, time_base: Fraction, *, leaps: bool = True) -> None:
        self.frame_units = max(1, round(frame_units))
        """Nominal length of a picture."""
        self.end: int | None = None
        """Where the last picture ends, by its own length if it tells one."""
        self.moved = 0
        """Added to the stamps since the last jump or leap."""
        self.stands_still = False
        """True once a stamp came a third time."""
        self._time_base = time_base
        self._jump, self._leap = round(JUMP_S / time_base), round(LEAP_S / time_base)
        self._leaps = leaps
        self._last: int | None = None
        self._stamp: int | None = None
        self._repeats = 0

    def place(self, stamp: int | None, duration: int | None = None) -> int:
        """Return where a picture goes; it is then the last one.

        Args:
            stamp: as stored; None where there is none.
            duration: as stored; None or 0 where there is none.
        """
        self._repeats = self._repeats + 1 if stamp is not None and stamp == self._stamp else 0
        self._stamp = stamp
        pts = self._placed(stamp)
        self._last, self.end = pts, pts + (duration or self.frame_units)
        return pts

    def _placed(self, stamp: int | None) -> int:
        last = self._last
        if last is None:
            return stamp or 0
        if stamp is None:
            return last + self.frame_units
        ahead = stamp + self.moved - last
        if ahead < -self._jump or (self._leaps and ahead > self._leap):
            self.moved += self.frame_units - ahead
            return last + self.frame_units
        if ahead > 0:
            return last + ahead
        if self._repeats > 1:
            self.stands_still = True
            return last + self.frame_units
        return last + max(1, self.frame_units // 2)
