"""The composite stage: finished pictures from matted frames. Thread `composite`.

Live, it also keeps the clock: when no new composite comes, it makes holding pictures at the
output's rate, so every sink sees the same, whatever stopped: camera, network or this computer.
"""

import time
from collections.abc import Callable
from fractions import Fraction
from threading import Event

from u2cam.core.frame import ComposedFrame, MattedFrame, Picture
from u2cam.core.protocols import Effects
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
    matted: FrameQueue[MattedFrame | ComposedFrame],
    effects: Effects,
    deliver: Callable[[Picture], None],
    picture_format: PictureFormat,
    metrics: Metrics,
    *,
    frame_size_wh: tuple[int, int],
    hold_after_s: float | None,
    screen: Event,
    awake: Event | None = None,
    forget: Callable[[], None] | None = None,
) -> None:
    """Turn matted frames into pictures until their queue ends.

    Args:
        matted: where frames come from; some are finished on a device already.
        effects: makes the picture.
        deliver: hands a picture to every sink.
        picture_format: rate and time base of the pictures.
        metrics: counts and times.
        frame_size_wh: size of the frames; the holding picture is made for it.
        hold_after_s: live: seconds without a composite until the holding picture; None offline.
        screen: while set, every picture is the holding picture (the privacy screen).
        awake: while it is not set nobody watches: a holding picture a second will do.
        forget: called before a holding picture, so that nothing is smoothed across the gap; None:
            the effects' own reset.
    """
    forget = forget or effects.reset
    clock = PictureClock(picture_format.time_base, time.monotonic())
    period_s = float(1 / picture_format.rate)
    hold_due_s = time.monotonic() + (hold_after_s or 0)
    while True:
        try:
            wait_s = None if hold_after_s is None else max(hold_due_s - time.monotonic(), 0)
            matted_frame = matted.get(wait_s)
        except TimeoutError:
            now_s = time.monotonic()
            pts = clock.of_moment(now_s)
            resting = awake is not None and not awake.is_set()
            hold_due_s = max(hold_due_s + (REST_PERIOD_S if resting else period_s), now_s)
            forget()
            image = effects.holding_picture(frame_size_wh, float(pts * picture_format.time_base))
            metrics.count("holding")
            deliver(Picture(image, pts, picture_format.time_base, now_s, holding=True))
            continue
        except QueueClosed:
            return
        frame = matted_frame.frame
        pts = clock.of_frame(frame.pts, frame.captured_at_s)
        screened = screen.is_set()
        with metrics.timed("composite"):
            if screened:
                image = effects.holding_picture(frame.size_wh, frame.time_s)
            elif isinstance(matted_frame, ComposedFrame):
                image = matted_frame.composite.picture
            else:
                image = effects.render(frame.image, matted_frame.alpha, frame.time_s)
        if screened:
            metrics.count("holding")
        if isinstance(matted_frame, MattedFrame) and matted_frame.matte_age_s:
            metrics.matte_age(matted_frame.matte_age_s * 1000)
        deliver(Picture(image, pts, frame.time_base, frame.captured_at_s, holding=screened))
        if hold_after_s is not None:
            hold_due_s = time.monotonic() + hold_after_s
