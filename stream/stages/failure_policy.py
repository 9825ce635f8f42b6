"""Failed mattes in a row: how many a run survives, and what is logged of them."""

import logging
from collections.abc import Callable

from u2cam.stream.metrics import Metrics

log = logging.getLogger(__name__)


class FailurePolicy:
    """Counts failures of the network; logs the first of several in a row, and when they are over.

    Args:
        metrics: counts the failures.
        most: failures in a row that are survived; 0 offline, where each frame counts.
        withheld: called for each failure that is survived.
    """

    def __init__(self, metrics: Metrics, most: int, withheld: Callable[[], object]) -> None:
        self._metrics = metrics
        self._most = most
        self._withheld = withheld
        self._failures = 0

    def survives(self, error: Exception) -> bool:
        """Count a failure; False when there were too many, for the caller to raise it."""
        self._failures += 1
        if self._failures > self._most:
            return False
        self._metrics.count("matte failed")
        self._withheld()
        if self._failures == 1:
            log.warning("no matte, frame withheld: %s: %s", type(error).__name__, error)
        return True

    def succeeded(self) -> None:
        """Note that a valid matte came."""
        if self._failures:
            log.warning("mattes are back after %d failed", self._failures)
            self._failures = 0
