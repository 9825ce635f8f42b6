"""The parts of the soak test that fail on command: camera, network, outputs.

Each asks `Faults` at every call whether it is its turn. What the camera shows is a person before a
room full of blue, which nothing else has: any blue in a picture that came out is a raw frame.
"""

import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fakes import FakeMatter, FakeSink, FakeSource
from u2cam.core.errors import SinkLost, SourceLost
from u2cam.core.frame import AlphaF32, Frame, ImageU8, Picture

SIZE_WH = (160, 90)
PERSON = (200, 40, 40)
ROOM = (60, 60, 255)
STALL_S = 0.3
"""How long a part stays silent or away; longer than the pipeline waits for a frame."""
SLACK_S = 1.0
"""What a recovery may take beyond the fault itself; a viewer calls longer a breakdown."""
LOOK_S = 1.0
"""The virtual camera's device is looked at so often."""
NETWORK_FAULTS = {
    "network raises": SLACK_S,
    "network stalls": STALL_S + SLACK_S,
    "matte is NaN": SLACK_S,
    "matte out of range": SLACK_S,
    "matte of another size": SLACK_S,
}
FAULTS = {
    "camera lost": 0.15 + SLACK_S,  # two looks for it
    "camera stalls": STALL_S + SLACK_S,
    **NETWORK_FAULTS,
    "output refuses one picture": SLACK_S,
    "output refuses for a while": STALL_S + 0.2 + SLACK_S,  # its longest pause
    "virtual camera fails": SLACK_S,
    "virtual camera is gone": LOOK_S + STALL_S + SLACK_S,
}
"""What goes wrong, and within how many seconds a picture must come out again."""


@dataclass
class Faults:
    """Which fault waits for its part, and how long each took to be over."""

    waiting: str | None = None
    began_s: float = 0.0
    recoveries_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    active: str | None = None

    def begin(self, name: str) -> None:
        """Let a part fail at its next call."""
        self.waiting = name

    def take(self, *names: str) -> str | None:
        """Called by a part: the fault that it shall show now, if any."""
        if self.waiting not in names:
            return None
        self.active, self.waiting, self.began_s = self.waiting, None, time.monotonic()
        return self.active

    @property
    def of_virtual_camera(self) -> bool:
        """True while the fault that acts is one of the virtual camera."""
        return self.active is not None and self.active.startswith("virtual camera")

    def over(self, captured_at_s: float) -> None:
        """A picture of a frame captured after the fault came out."""
        if self.active is not None and captured_at_s > self.began_s:
            self.recoveries_s[self.active].append(time.monotonic() - self.began_s)
            self.active = None


class Camera(FakeSource):
    """Gives one picture for ever, as fast as it is read."""

    def __init__(self, faults: Faults) -> None:
        image = np.empty((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
        image[:] = ROOM
        image[20:, 50:110] = PERSON
        super().__init__([image], live=True)
        self._faults = faults
        self._numbers = itertools.count()

    def read(self) -> Frame:
        """Give the picture, or show the fault that waits."""
        fault = self._faults.take("camera lost", "camera stalls")
        if fault == "camera lost":
            self.reopens = [False, True]
            raise SourceLost("soak: unplugged")
        if fault == "camera stalls":
            time.sleep(STALL_S)
        if self.closed:
            return super().read()
        # Gives way to the other threads, as waiting for a real camera does.
        time.sleep(0.0005)
        number = next(self._numbers)
        return Frame(self.images[0], number, number * 3000, self.info.time_base, time.monotonic())


class Network(FakeMatter):
    """Tells the person by colour."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(_alpha)
        self._faults = faults

    def matte(self, frame: Frame) -> AlphaF32:
        """Give the exact matte, or show the fault that waits."""
        fault = self._faults.take(*NETWORK_FAULTS)
        if fault == "network stalls":
            time.sleep(STALL_S)
        self.failures = {}
        if fault == "network raises":
            self.failures = {self.calls: "raise"}
        elif fault == "matte is NaN":
            self.failures = {self.calls: "nan"}
        elif fault == "matte out of range":
            self.failures = {self.calls: "out_of_range"}
        elif fault == "matte of another size":
            self.failures = {self.calls: "wrong_size"}
        return super().matte(frame)


def _alpha(image: ImageU8) -> AlphaF32:
    return (image[..., 2] < 100).astype(np.float32)


def _is_raw(image: NDArray[np.uint8]) -> bool:
    return bool((image[..., 2] > 150).any())


class Viewer(FakeSink):
    """Looks at every picture and keeps none."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("viewer")
        self._faults = faults
        self._refuse_until_s = 0.0
        self.seen = self.placeholders = self.raw = 0

    def write(self, picture: Picture) -> None:
        """Count the picture, or show the fault that waits."""
        fault = self._faults.take("output refuses one picture", "output refuses for a while")
        if fault == "output refuses for a while":
            self._refuse_until_s = time.monotonic() + STALL_S
        if fault is not None or time.monotonic() < self._refuse_until_s:
            raise SinkLost("soak: refused")
        self.seen += 1
        self.placeholders += picture.placeholder
        self.raw += _is_raw(picture.image)
        if not picture.placeholder and not self._faults.of_virtual_camera:
            self._faults.over(picture.captured_at_s)


class VirtualDevice:
    """A backend of pyvirtualcam for the real virtual camera sink; a file is its device.

    Like the real one it never tells that the device is gone.
    """

    faults: Faults
    path: Path
    raw = 0
    opened = 0

    def __init__(self, *, width: int, height: int, device: str | None, **_how: Any) -> None:
        if not self.path.exists():
            raise RuntimeError("soak: no such device")
        self._size_wh = width, height
        self._opened_at_s = time.monotonic()
        VirtualDevice.opened += 1

    def send(self, frame: NDArray[np.uint8]) -> None:
        """Look at the picture, or show the fault that waits."""
        fault = self.faults.take("virtual camera fails", "virtual camera is gone")
        if fault == "virtual camera fails":
            raise RuntimeError("soak: failed")
        if fault == "virtual camera is gone":
            anew = self.path.with_name("anew")
            anew.touch()  # while the old one is there, so that their numbers differ
            self.path.unlink()
        width, height = self._size_wh
        VirtualDevice.raw += _is_raw(frame.reshape(height, width, 3))
        if self.faults.of_virtual_camera and self._opened_at_s > self.faults.began_s:
            self.faults.over(time.monotonic())

    @classmethod
    def come_back(cls) -> None:
        """Let a device that is gone be there again once its time is over."""
        anew = cls.path.with_name("anew")
        if anew.exists() and time.monotonic() - cls.faults.began_s > STALL_S:
            anew.rename(cls.path)

    def close(self) -> None:
        """Nothing is held."""

    def device(self) -> str:
        """Return the path."""
        return str(self.path)

    def native_fourcc(self) -> None:
        """Return that nothing is known."""
