"""The composite stage: finished pictures from matted frames. Thread `composite`.

Live, it also keeps the output's rate: when no new composite comes it makes placeholders, so every
sink sees the same, whatever stopped: camera, network or this computer.
"""

from collections.abc import Callable
from fractions import Fraction
from threading import Event

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.frame import Picture
from u2cam.core.protocols import Compositor, ReadyFrame
from u2cam.stream.devices.viewers import REST_PERIOD_S
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.sinks.base import PictureFormat


class PictureClock:
    """Gives pictures their pts: the frame's own, strictly increasing, going on without frames."""

    def __init__(self, time_base: Fraction, started_s: float) -> None:
        self._time_base = time_base
        self._last_pts = -1
        self._zero_s = started_s

    def of_frame(self, pts: int, captured_at_s: float) -> int:
        """Return the pts for the picture of a frame; its own unless that would go back in time."""
        self._zero_s = captured_at_s - float(pts * self._time_base)
        return self._advance(pts)

    def of_moment(self, now_s: float) -> int:
        """Return the pts for a picture that is made without a frame at a monotonic time."""
        return self._advance(round((now_s - self._zero_s) / float(self._time_base)))

    def _advance(self, pts: int) -> int:
        self._last_pts = max(pts, self._last_pts + 1)
        return self._last_pts


def composite_loop(
    ready_frames: FrameQueue[ReadyFrame],
    compositor: Compositor,
    deliver: Callable[[Picture], None],
    picture_format: PictureFormat,
    metrics: Metrics,
    *,
    frame_size_wh: tuple[int, int],
    hold_after_s: float | None,
    screen: Event,
    awake: Event | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Turn frames with a valid matte into pictures until their queue ends.

    Args:
        ready_frames: where frames come from.
        compositor: makes the pictures.
        deliver: hands a picture to every sink.
        picture_format: rate and time base of the pictures.
        metrics: counts and times.
        frame_size_wh: size of the frames; the placeholder is made for it.
        hold_after_s: live: seconds without a composite until the placeholder; None offline.
        screen: while set, every picture is the placeholder (the privacy screen).
        awake: while it is not set there is no viewer: a placeholder a second will do.
        clock: says when the placeholder is due.
    """
    picture_clock = PictureClock(picture_format.time_base, clock.now_s())
    period_s = float(1 / picture_format.rate)
    hold_due_s = clock.now_s() + (hold_after_s or 0)
    while True:
        try:
            wait_s = None if hold_after_s is None else max(hold_due_s - clock.now_s(), 0)
            ready = ready_frames.get(wait_s)
        except TimeoutError:
            now_s = clock.now_s()
            pts = picture_clock.of_moment(now_s)
            resting = awake is not None and not awake.is_set()
            hold_due_s = max(hold_due_s + (REST_PERIOD_S if resting else period_s), now_s)
            image = compositor.placeholder(frame_size_wh, float(pts * picture_format.time_base))
            metrics.count("placeholder")
            deliver(Picture(image, pts, picture_format.time_base, now_s, placeholder=True))
            continue
        except QueueClosed:
            return
        frame = ready.frame
        pts = picture_clock.of_frame(frame.pts, frame.captured_at_s)
        screened = screen.is_set()
        with metrics.timed("composite"):
            if screened:
                image = compositor.placeholder(frame.size_wh, frame.time_s)
            else:
                image = compositor.render(ready)
        if screened:
            metrics.count("placeholder")
        if ready.matte_age_s:
            metrics.matte_age(ready.matte_age_s * 1000)
        deliver(Picture(image, pts, frame.time_base, frame.captured_at_s, placeholder=screened))
        if hold_after_s is not None:
            hold_due_s = clock.now_s() + hold_after_s
