"""Checks of what a caller hands over: one line that says what was wanted and what came."""

import inspect
import math
import numbers
from collections.abc import Sequence

import numpy as np

from u2cam.core.errors import UsageError, WrongTypeError


def shown(value: object) -> str:
    """Return a value and its type, short enough for a message."""
    said = " ".join(repr(value).split())
    said = said if len(said) <= 60 else f"{said[:57]}..."
    kind = type(value).__name__
    return said if value is None or kind in said else f"{said} ({kind})"


def require_kind(
    who: str, value: object, kinds: type | tuple[type, ...], wanted: str, *, optional: bool = False
) -> None:
    """Make sure of a value's type.

    Args:
        who: name of the argument.
        value: what came.
        kinds: what it may be an instance of.
        wanted: the same in words, with an example.
        optional: None will do, too.

    Raises:
        WrongTypeError: it is something else.
    """
    if (value is None and optional) or isinstance(value, kinds):
        return
    raise WrongTypeError(f"{who}: wanted {wanted}, got {shown(value)}")


def require_count(who: str, value: object) -> None:
    """Make sure of a whole number above 0, or None.

    Raises:
        UsageError: it is something else.
    """
    if value is None:
        return
    wanted = "a whole number above 0, or None"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise WrongTypeError(f"{who}: wanted {wanted}, got {shown(value)}")
    if value < 1:
        raise UsageError(f"{who}: wanted {wanted}, got {value}")


def require_seconds(who: str, value: object, *, least: float = 0.0) -> None:
    """Make sure of a finite number of seconds.

    Args:
        who: name of the argument.
        value: what came.
        least: the smallest that will do.

    Raises:
        UsageError: it is something else.
    """
    wanted = "a number of seconds" + (f" from {least:g} on" if math.isfinite(least) else "")
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise WrongTypeError(f"{who}: wanted {wanted}, got {shown(value)}")
    if not (math.isfinite(value) and float(value) >= least):
        raise UsageError(f"{who}: wanted {wanted}, got {value}")


def require_call(who: str, value: object) -> None:
    """Make sure of something that can be called, or None.

    Raises:
        WrongTypeError: it cannot.
    """
    if value is not None and not callable(value):
        raise WrongTypeError(f"{who}: wanted something to call, as print, got {shown(value)}")


def require_members(
    who: str,
    value: object,
    protocol: type,
    names: Sequence[str],
    *,
    inherited: Sequence[str] = (),
) -> None:
    """Make sure that an object of a caller's has what a protocol asks for.

    Args:
        who: name of the argument.
        value: what came; its properties are not read.
        protocol: `Source` or `Sink`; what it only declares is not there.
        names: methods and properties.
        inherited: those that the protocol itself gives, made a base class.

    Raises:
        WrongTypeError: a class in place of an object, or members that it lacks.
    """
    if isinstance(value, type):
        raise WrongTypeError(f"{who}: {value.__name__} is a class; give an object of it")
    there = {name: inspect.getattr_static(value, name, None) for name in names}
    given = {name for name in inherited if there[name] is not None}
    stubs = vars(protocol)
    lacks = [n for n in names if n not in given and there[n] in (None, stubs.get(n))]
    if len(lacks) == len(names):
        raise WrongTypeError(
            f"{who}: wanted a name or a u2cam.{protocol.__name__}, got {shown(value)}"
        )
    if lacks:
        raise WrongTypeError(
            f"{who}: {type(value).__name__} lacks {', '.join(lacks)}; docs/api.md has what a "
            f"{protocol.__name__} is asked for"
        )


def require_image(who: str, image: object, wanted: str = "(H, W, 3) uint8 RGB") -> None:
    """Make sure of an image.

    Raises:
        UsageError: it is not (H, W, 3) uint8, or has no pixels.
    """
    if not isinstance(image, np.ndarray):
        raise WrongTypeError(f"{who}: wanted {wanted}, got {shown(image)}")
    if image.dtype != np.uint8:
        raise UsageError(f"{who}: wanted {wanted}, got {image.dtype}")
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UsageError(f"{who}: wanted {wanted}, got shape {image.shape}")
