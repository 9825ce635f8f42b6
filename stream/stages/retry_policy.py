"""How long a sink has been failing, and when it is tried again. Plain bookkeeping, no threads."""

STEADY_S = 2.0
"""A sink that has worked for so long is well again; one that works now and then in between is still
failing."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0


class RetryPolicy:
    """Decides after each write of a sink what comes next; times are monotonic seconds.

    The first picture after a failure is tried at once, since most failures are over by then; after
    that with pauses that double.

    Args:
        patience_s: given up after so long without `STEADY_S` of success; 0: at the first failure.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._since_s: float | None = None
        self._well_since_s: float | None = None
        self._retry_at_s = 0.0
        self._pause_s = 0.0
        self.failures = 0
        """Since the sink last worked steadily."""

    @property
    def lasts(self) -> bool:
        """True while the last write failed."""
        return self._since_s is not None and self._well_since_s is None

    def pausing(self, now_s: float) -> bool:
        """True where it is too early to try again."""
        return self.lasts and now_s < self._retry_at_s

    def failed(self, now_s: float) -> bool:
        """Note a failure; True where patience is at its end."""
        self.failures += 1
        if self._since_s is None:
            self._since_s = now_s
            self._pause_s = 0.0
            self._retry_at_s = now_s
        else:
            self._pause_s = min(max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            self._retry_at_s = now_s + self._pause_s
        self._well_since_s = None
        return now_s - self._since_s >= self._patience_s

    def worked(self, now_s: float) -> bool:
        """Note a success; True where the sink is well again."""
        if self._since_s is None:
            return False
        if self._well_since_s is None:
            self._well_since_s = now_s
        if now_s - self._well_since_s < STEADY_S:
            return False
        self._since_s = self._well_since_s = None
        self.failures = 0
        return True
