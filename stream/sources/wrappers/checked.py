"""A source of the caller's whose frames are checked. Read by the capture thread."""

import math
from fractions import Fraction
from numbers import Integral
from typing import Self

from u2cam.core.checks import require_image, require_kind
from u2cam.core.errors import SourceError, UsageError
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import Source, SourceInfo
from u2cam.stream.sources.wrappers.wrapped import WrappedSource


class CheckedSource(WrappedSource):
    """Passes on what is a frame as the inner source's `info` says; innermost of all wrappers.

    Args:
        inner: the source of the caller's.
    """

    def __enter__(self) -> Self:
        """Open the inner source and check its facts, before any wrapper counts on them.

        Raises:
            UsageError: they are none; the source is closed.
        """
        self.inner.__enter__()
        try:
            _check_info(self.inner)
        except BaseException:
            self.inner.close()
            raise
        return self

    def read(self) -> Frame:
        """Return the next frame; see `Source.read`.

        Raises:
            SourceError: what came is not a frame, or not as `info` says.
        """
        return _checked(self.inner.read(), self.inner.info)


def _checked(frame: object, info: SourceInfo) -> Frame:
    """Return what a source gave, if that is a frame as its `info` says.

    Raises:
        SourceError: it is not.
    """
    if not isinstance(frame, Frame):
        kind = "None" if frame is None else f"a {type(frame).__name__}"
        raise SourceError(f"{info.name}: read gave {kind}; wanted a u2cam.Frame, or EndOfStream")
    try:
        require_image(f"{info.name}: read gave a frame with a wrong image", frame.image)
    except UsageError as error:
        raise SourceError(str(error)) from None
    if frame.size_wh != tuple(info.size_wh):
        came, said = ("{}x{}".format(*size) for size in (frame.size_wh, info.size_wh))
        raise SourceError(f"{info.name}: read gave a frame of {came}, but info says {said}")
    stamped = isinstance(frame.pts, Integral) and math.isfinite(frame.captured_at_s)
    if not stamped or frame.time_base != info.time_base:
        raise SourceError(
            f"{info.name}: read gave a frame with pts {frame.pts!r} in units of "
            f"{frame.time_base!r} s, captured at {frame.captured_at_s!r} s; wanted a whole number, "
            f"{info.time_base!r} as in info, and time.monotonic()"
        )
    return frame


def _check_info(source: Source) -> None:
    info, who = source.info, f"source: info of {type(source).__name__}"
    require_kind(who, info, SourceInfo, "a u2cam.SourceInfo")
    if not (len(info.size_wh) == 2 and min(info.size_wh) > 0):
        raise UsageError(f"{who}: wanted size_wh as (1280, 720), got {info.size_wh}")
    for name, value in (("rate", info.rate), ("time_base", info.time_base)):
        require_kind(f"{who}: {name}", value, Fraction, "a Fraction, as Fraction(30)")
        if value <= 0:
            raise UsageError(f"{who}: {name}: wanted above 0, got {value}")
