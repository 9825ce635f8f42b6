"""Pictures at a constant rate for streams that know no times: repeated or left out where need be.

FFmpeg does the same for such formats (`-fps_mode cfr`).
"""

from fractions import Fraction


class ConstantRate:
    """Says how often a picture is written, and how often the one before it again.

    Args:
        rate: pictures a second.
        time_base: of their stamps.
        from_zero: time 0 is the stream's beginning, so that sound of the input fits; else the first
            picture is.
    """

    def __init__(self, rate: Fraction, time_base: Fraction, *, from_zero: bool) -> None:
        self._slots_per_unit = rate * time_base
        self._first: int | None = 0 if from_zero else None
        self._written = 0

    def repeats(self, pts: int) -> tuple[int, bool]:
        """Return how often the picture before is written again, and whether this one is written.

        Args:
            pts: of this picture, growing. Before the first, it stands in for the one before.
        """
        if self._first is None:
            self._first = pts
        slot = round((pts - self._first) * self._slots_per_unit)
        missing = max(0, slot - self._written)
        shown = slot >= self._written
        self._written += missing + shown
        return missing, shown
