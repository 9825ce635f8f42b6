"""Frames from anywhere: a source of one's own, here a drawing, blurred behind and stored.

`python examples/own_source.py out.mp4`
"""

import sys
import time
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np

import u2cam


class Stripes(u2cam.Source):
    """Two seconds of a figure before moving stripes. Opened with `with`, like every source."""

    def __init__(self, size_wh: tuple[int, int] = (320, 180), frames: int = 60) -> None:
        """Decide on everything that does not need opening."""
        rate = Fraction(30)
        self._frames = frames
        self._next = 0
        self._info = u2cam.SourceInfo(
            name="stripes",
            size_wh=size_wh,
            rate=rate,
            live=False,
            time_base=1 / rate,
            frames=frames,
        )

    @property
    def info(self) -> u2cam.SourceInfo:
        """Size and rate; asked once it is open."""
        return self._info

    @property
    def dropped(self) -> int:
        """Return 0: it waits for its reader."""
        return 0

    def __enter__(self) -> Self:
        """Open a camera, a socket, a file here."""
        return self

    def read(self) -> u2cam.Frame:
        """Return the next frame, RGB, with its time in units of the time base."""
        if self._next == self._frames:
            raise u2cam.EndOfStream
        number, self._next = self._next, self._next + 1
        return u2cam.Frame(
            image=self._drawn(number),
            index=number,
            pts=number,
            time_base=self._info.time_base,
            captured_at_s=time.monotonic(),
        )

    def reopen(self) -> bool:
        """Return True where a lost device is there again: for those that raise SourceLost."""
        return False

    def close(self) -> None:
        """Release the device; may come from another thread, and twice."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _drawn(self, number: int) -> np.ndarray:
        width, height = self._info.size_wh
        y, x = np.mgrid[:height, :width]
        wall = np.where((x + 2 * number) // 20 % 2, 90, 150)
        head = (x - width / 2) ** 2 + (y - height * 0.35) ** 2 < (height * 0.18) ** 2
        body = ((x - width / 2) / 1.2) ** 2 + (y - height * 1.1) ** 2 < (height * 0.5) ** 2
        image = np.dstack([wall, wall, wall])
        image[head] = (222, 170, 140)
        image[body] = (60, 60, 150)
        return image.astype(np.uint8)


def main(target: str, model: str | None = None) -> None:
    """Run the source into a file, in the background."""
    with u2cam.Pipeline(Stripes(), target, background="blur:6", model=model) as run:
        while not run.wait(timeout_s=0.5):
            print(run.statistics()["frames"]["out"], "frames so far")


if __name__ == "__main__":
    main(*sys.argv[1:])
