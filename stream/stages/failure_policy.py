"""Failures of the network in a row: how many are survived, and what is said of them."""

import logging
from typing import Protocol

from u2cam.stream.metrics import Metrics

log = logging.getLogger(__name__)


class Drops(Protocol):
    """Counts frames that went no further."""

    def count_drop(self, reason: str) -> None:
        """Count one."""


class Trouble:
    """Told of every frame's fate; says once that trouble began and once that it is over.

    Args:
        captured: the queue that the withheld frames came from; counts them.
        metrics: counts the failures.
        most: failures in a row that are survived; 0 offline, where each frame counts.
    """

    def __init__(self, captured: Drops, metrics: Metrics, most: int) -> None:
        self._captured = captured
        self._metrics = metrics
        self._most = most
        self._failures = 0

    def survives(self, error: Exception) -> bool:
        """Count a failure; False when there were too many, for the caller to raise it."""
        self._failures += 1
        if self._failures > self._most:
            return False
        self._metrics.count("matte failed")
        self._captured.count_drop("matte failed")
        if self._failures == 1:
            log.warning("no matte, frame withheld: %s: %s", type(error).__name__, error)
        return True

    def over(self) -> None:
        """A valid matte came."""
        if self._failures:
            log.warning("mattes are back after %d failed", self._failures)
            self._failures = 0
