"""Compiling the inner loops: at the first call, once per machine, cached on disk.

The kernels are serial and release the GIL. Serial on purpose: the blend is bound by memory, one
core does 1080p in about a millisecond, and a parallel region would fight the network's threads
for the cores (and OpenMP's barriers cost milliseconds when it does).
"""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import numba
from numba import types

P = ParamSpec("P")
R = TypeVar("R")

U8_1D = types.Array(types.uint8, 1, "C", readonly=True)
U8_2D = types.Array(types.uint8, 2, "C", readonly=True)
U8_3D = types.Array(types.uint8, 3, "C", readonly=True)
I32_1D = types.Array(types.int32, 1, "C", readonly=True)
U16_1D = types.Array(types.uint16, 1, "C", readonly=True)
U16_2D = types.Array(types.uint16, 2, "C", readonly=True)
U16_3D = types.Array(types.uint16, 3, "C", readonly=True)
F32_1D = types.Array(types.float32, 1, "C", readonly=True)
F32_2D = types.Array(types.float32, 2, "C", readonly=True)
F32_3D = types.Array(types.float32, 3, "C", readonly=True)
F32_4D = types.Array(types.float32, 4, "C", readonly=True)
OUT_U8_2D = types.Array(types.uint8, 2, "C")
OUT_U8_3D = types.Array(types.uint8, 3, "C")
OUT_U16_3D = types.Array(types.uint16, 3, "C")
OUT_F32_2D = types.Array(types.float32, 2, "C")
OUT_F32_3D = types.Array(types.float32, 3, "C")
OUT_F32_4D = types.Array(types.float32, 4, "C")
F32 = types.float32


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a part of kernels: compiled with each kernel that calls it.

    It has to stand in their file: a kernel on disk is renewed when its own file changes, and would
    keep an old part of another.
    """
    compiled: Callable[P, R] = numba.njit(nogil=True)(function)
    return compiled


class Kernel(Generic[P]):
    """A compiled function with one fixed signature, so that frames that are read-only fit too."""

    def __init__(self, function: Callable[P, None], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self._compiled: Callable[P, None] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run; the first call compiles or loads from the cache."""
        if self._compiled is None:
            self._compiled = self._compile()
        self._compiled(*args, **kwargs)

    def _compile(self) -> Callable[P, None]:
        signature = types.void(*self._arguments)
        try:
            compiled = numba.njit([signature], nogil=True, cache=True)(self._function)
        except RuntimeError:  # "no locator available": no folder for the cache can be written
            compiled = numba.njit([signature], nogil=True)(self._function)
        typed: Callable[P, None] = compiled
        return typed


def kernel(*arguments: Any) -> Callable[[Callable[P, None]], Kernel[P]]:
    """Decorate a loop over arrays with the types of its arguments."""

    def wrap(function: Callable[P, None]) -> Kernel[P]:
        return Kernel(function, arguments)

    return wrap
