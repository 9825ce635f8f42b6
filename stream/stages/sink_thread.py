"""One sink with its queue and the loop of its thread, `sink:NAME`."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.devices.viewers import REST_PERIOD_S
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.sinks.base import Discards, PictureFormat, QuitRequested, Sink
from u2cam.stream.stages.output_shape import ConstantRate, OutputShape
from u2cam.stream.stages.retry_policy import RetryPolicy

log = logging.getLogger(__name__)


class Output:
    """Feeds one sink from its own thread, so that live a slow sink holds up no other.

    Args:
        sink: where pictures go; opened, written and closed in `run`, so in one thread.
        queue: pictures that wait for this sink.
        picture_format: what the pictures look like.
        metrics: counts and times.
        awake: while it is not set there is no viewer: a paced sink repeats once a second only.
        patience_s: live: how long a lost sink is tried again; 0 where every picture counts.
        name: the sink's own where not given; no two sinks of a run share one.
        shape: size and rate at which pictures go out; None: as they are made.
        clock: for pacing and pauses.
    """

    def __init__(
        self,
        sink: Sink,
        queue: FrameQueue[Picture],
        picture_format: PictureFormat,
        metrics: Metrics,
        awake: threading.Event | None = None,
        patience_s: float = 0.0,
        name: str | None = None,
        clock: Clock = SYSTEM_CLOCK,
        shape: OutputShape | None = None,
    ) -> None:
        self.sink = sink
        self.name = name or sink.name
        self.queue = queue
        self.error: Exception | None = None
        """Why this sink stopped taking pictures; None while it takes them."""
        self.ready = threading.Event()
        """Set once the sink is open, or could not be opened and `error` says why."""
        self._shape = shape or OutputShape()
        self._format = self._shape.format_of(picture_format)
        self._thinned: ConstantRate | None = None
        self._constant: ConstantRate | None = None
        rate = self._shape.rate
        if rate is not None and sink.paced:  # it doubles by itself, and pictures keep their times
            self._format = replace(self._format, time_base=picture_format.time_base)
            if rate < picture_format.rate:
                self._thinned = ConstantRate(rate, picture_format)
        elif rate is not None:
            self._constant = ConstantRate(rate, picture_format)
        self._unsized: NDArray[np.uint8] | None = None
        self._sized_image = np.zeros((0, 0), np.uint8)
        self._metrics = metrics
        self._awake = awake
        self._patience_s = patience_s
        self._retry = RetryPolicy(patience_s)
        self._clock = clock
        self._lost: SinkLost | None = None
        """Why the newest picture was not taken."""
        self._logged = False

    @property
    def works(self) -> bool:
        """False where this sink has failed, or did not take the newest picture."""
        return self.error is None and self._lost is None

    def deliver(self, picture: Picture) -> None:
        """Hand over one picture; nothing happens where this sink has failed or closed.

        Nor where the picture has no place in the rate at which pictures go out.
        """
        if self._thinned is not None and not self._thinned.takes(picture):
            return
        if self.error is None:
            try:
                self.queue.put(picture)
            except QueueClosed:
                log.debug("sink %s: closed before picture %d", self.name, picture.pts)

    def discard(self) -> None:
        """Remove what the sink has not finished, where the run ends without it. From any thread."""
        if isinstance(self.sink, Discards):
            self.sink.discard()

    def run(self, run_failed: Callable[[], bool], quit_run: Callable[[], None]) -> None:
        """Open the sink, write until the queue ends, close. The error stays in `error`.

        Args:
            run_failed: asked at the end: True where what was written must not be kept.
            quit_run: called where the viewer asked to stop.
        """
        try:
            self._open()
            if self.error is None:
                self._write_until_end()
        except QuitRequested:
            quit_run()
        except Exception as error:
            self._fail(error)
        try:
            self.sink.close(failed=self.error is not None or run_failed())
        except Exception as error:
            self._fail(error)

    def _open(self) -> None:
        try:
            self.sink.open(self._format)
        except Exception as error:
            self._fail(error)  # before `ready`: who waited for that asks for the error next
        finally:
            self.ready.set()

    def _write_until_end(self) -> None:
        if self.sink.paced:
            self._write_paced()
        else:
            self._write_all()
        if self._lost is not None:
            raise self._lost

    def _fail(self, error: Exception) -> None:
        if self.error is None:
            error.add_note(f"in stage 'sink:{self.name}'")
            self.error = error
        self.queue.close()

    def _write(self, picture: Picture, *, repeated: bool = False) -> None:
        if self._retry.pausing(self._clock.now_s()):
            self._count_lost(repeated)
            return
        try:
            with self._metrics.timed(f"sink:{self.name}"):
                self.sink.write(picture)
        except SinkLost as lost:
            self._count_lost(repeated)
            self._note_lost(lost)
            return
        self._lost = None
        if self._retry.worked(self._clock.now_s()) and self._logged:
            self._logged = False
            log.warning("%s: takes pictures again", self.sink.name)
        if not repeated:
            self._metrics.count(f"out:{self.name}")
            if not picture.placeholder:
                self._metrics.latency(self.name, picture.captured_at_s)

    def _note_lost(self, lost: SinkLost) -> None:
        """Log once that the sink is lost; raise where it has been for too long."""
        if self._retry.failed(self._clock.now_s()):
            if self._patience_s:
                raise SinkError(f"{lost}; given up after {self._patience_s:g} s") from lost
            raise lost
        # A single picture that was not taken is not worth a line.
        if self._retry.failures > 1 and not self._logged:
            self._logged = True
            log.warning("%s; trying again for %g s", lost, self._patience_s)
        self._metrics.count(f"lost:{self.name}")
        self._lost = lost

    def _count_lost(self, repeated: bool) -> None:
        if not repeated:
            self.queue.count_drop("output lost")

    def _sized(self, picture: Picture) -> Picture:
        """Return a picture at the size that goes out; one that is repeated is scaled once."""
        if self._shape.size is None:
            return picture
        if picture.image is not self._unsized:
            self._unsized, self._sized_image = picture.image, self._shape.sized(picture.image)
        return replace(picture, image=self._sized_image)

    def _write_all(self) -> None:
        constant = self._constant
        while True:
            try:
                picture = self.queue.get()
            except QueueClosed:
                break
            if constant is None:
                self._write(self._sized(picture))
                continue
            for placed, repeated in constant.filled(picture):
                self._write(self._sized(placed), repeated=repeated)
        for placed in () if constant is None else constant.rest():
            self._write(self._sized(placed), repeated=True)

    def _write_paced(self) -> None:
        """Write once per period: a new picture as soon as it may go, else the last one again.

        A picture may go half a period before its time: pictures that come regularly then pass at
        once, and jitter of half a period neither drops nor repeats one.
        """
        picture: Picture | None = None
        due_s = self._clock.now_s()
        while True:
            resting = self._awake is not None and not self._awake.is_set()
            period_s = REST_PERIOD_S if resting else float(1 / self._format.rate)
            self._clock.sleep(due_s - period_s / 2 - self._clock.now_s())
            repeated = False
            try:
                wait_s = max(due_s + period_s / 2 - self._clock.now_s(), 0) if picture else None
                picture = self._sized(self.queue.get(wait_s))
            except TimeoutError:
                repeated = True
            except QueueClosed:
                return
            assert picture is not None  # the first `get` waits for ever
            self._write(picture, repeated=repeated)
            now_s = self._clock.now_s()
            # On time: keep the grid. Late: start a new grid, do not catch up in a burst.
            due_s = due_s + period_s if now_s < due_s + period_s else now_s + period_s / 2


def distinct(names: Sequence[str]) -> list[str]:
    """Number names that come again: `out.mp4`, `out.mp4 (2)`; files may be in two folders."""
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct
