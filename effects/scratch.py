"""Arrays kept from frame to frame, for steps that need room to work in.

Fresh megabytes cost page faults: on the grid of a frame, more time than the arithmetic done in
them. What is handed to the next stage is never scratch.
"""

import numpy as np
from numpy.typing import NDArray


class Scratch:
    """Named float32 arrays, made again when their shape changes. Used by one thread."""

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[np.float32]] = {}

    def floats(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the array of a name; its contents are whatever was left there."""
        array = self._arrays.get(name)
        if array is None or array.shape != shape:
            array = np.empty(shape, np.float32)
            self._arrays[name] = array
        return array
