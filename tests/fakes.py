"""Stand-ins for devices, networks and effects, scripted by the tests that use them."""

import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from types import TracebackType
from typing import Any, Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from stream.frame import AlphaF32, Frame, ImageU8, Picture
from stream.sink import PictureFormat, QuitRequested, SinkError
from stream.source import EndOfStream, SourceError, SourceInfo, SourceLost

TIME_BASE = Fraction(1, 90_000)
Step = Literal["frame", "fail", "stall", "raise", "empty"]
"""What one `read` of FakeCapture does; `stall` blocks until `go_on` is set or the fake released."""


def numbered_image(number: int, size_wh: tuple[int, int] = (64, 36)) -> ImageU8:
    """An RGB image that tells its number: red is number % 256, green the row, blue the column."""
    width, height = size_wh
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = number % 256
    image[..., 1] = (np.arange(height) % 256)[:, None]
    image[..., 2] = np.arange(width) % 256
    return image


class FakeCapture:
    """Stands in for an opened `cv2.VideoCapture`.

    Gives BGR pictures of `offered_wh` unless asked for a size in `sizes`. After the steps it goes
    on with frames for ever, or fails if `endless` is False.
    """

    def __init__(
        self,
        steps: Sequence[Step] = (),
        *,
        offered_wh: tuple[int, int] = (64, 36),
        sizes: Sequence[tuple[int, int]] = (),
        fps: float = 30.0,
        opens: bool = True,
        endless: bool = True,
        frame_s: float = 0.005,
        image: Callable[[int], NDArray[np.uint8]] | None = None,
    ) -> None:
        self.steps = list(steps)
        self.offered_wh = offered_wh
        self.sizes = list(sizes)
        self.fps = fps
        self.opens = opens
        self.endless = endless
        self.frame_s = frame_s
        self.image = image
        self.asked: list[tuple[int, float]] = []
        self.reads = 0
        self.released = 0
        self.go_on = threading.Event()
        self._in_read = threading.Lock()

    def isOpened(self) -> bool:
        return self.opens and not self.released

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        asked = dict(self.asked)
        wanted = (
            int(asked.get(cv2.CAP_PROP_FRAME_WIDTH, 0)),
            int(asked.get(cv2.CAP_PROP_FRAME_HEIGHT, 0)),
        )
        if wanted in self.sizes:
            self.offered_wh = wanted
        return True

    def get(self, prop: int) -> float:
        width, height = self.offered_wh
        known = {
            cv2.CAP_PROP_FPS: self.fps,
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV")),
        }
        return float(known.get(prop, 0.0))

    def read(self) -> tuple[bool, Any]:
        assert not self.released, "read after release crashes the real one"
        with self._in_read:
            number = self.reads
            self.reads += 1
            default: Step = "frame" if self.endless else "fail"
            step = self.steps[number] if number < len(self.steps) else default
            if step == "stall":
                self.go_on.wait(timeout=10)
                step = "fail"
            if step == "raise":
                raise cv2.error("select() failed")
            if step == "fail":
                return False, None
            if step == "empty":
                return True, np.empty((0, 0, 3), np.uint8)
            time.sleep(self.frame_s)
            if self.image is not None:
                return True, self.image(number)
            return True, numbered_image(number, self.offered_wh)[..., ::-1].copy()

    def release(self) -> None:
        assert not self._in_read.locked(), "release while another thread reads crashes the real one"
        self.released += 1


class FakeVirtualBackend:
    """A pyvirtualcam backend that records what is sent to it.

    Register the class: `pyvirtualcam.register_backend("fake", FakeVirtualBackend)`; the instances
    that a test made are in `instances`, emptied by `forget()`.
    """

    instances: "list[FakeVirtualBackend]" = []  # noqa: RUF012
    refuse: str | None = None
    """Reason to give for not opening."""
    fail_after: int | None = None
    """Frames after which `send` raises."""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **kw: Any
    ) -> None:
        if self.refuse is not None:
            raise RuntimeError(self.refuse)
        self.size_wh = (width, height)
        self.fps = fps
        self._device = device or "fake camera"
        self.frames: list[NDArray[np.uint8]] = []
        self.sent_at_s: list[float] = []
        self.closed = 0
        FakeVirtualBackend.instances.append(self)

    @classmethod
    def forget(cls) -> None:
        cls.instances = []
        cls.refuse = None
        cls.fail_after = None

    def close(self) -> None:
        self.closed += 1

    def send(self, frame: NDArray[np.uint8]) -> None:
        if self.fail_after is not None and len(self.frames) >= self.fail_after:
            raise RuntimeError("device is gone")
        width, height = self.size_wh
        assert frame.ndim == 1 and frame.flags.c_contiguous
        self.frames.append(frame.reshape(height, width, 3).copy())
        self.sent_at_s.append(time.monotonic())

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> int | None:
        return None


class FakeSource:
    """A scripted Source.

    Args:
        images: the frames' pictures, each delivered once.
        rate: nominal rate, also of the pts.
        live: whether frames come at their rate and SourceLost is possible.
        fail_at: index at which `read` raises `error`, once.
        stall_at: index at which `read` blocks until `close` or `go_on`.
        reopens: what `reopen` answers, one after another; then True.
        pts: of each frame in 1/90000 s; at the rate where not given.
    """

    dropped = 0
    """None: it waits for its reader."""

    def __init__(
        self,
        images: Sequence[ImageU8],
        *,
        rate: Fraction = Fraction(30),
        live: bool = False,
        fail_at: int | None = None,
        error: Exception | None = None,
        stall_at: int | None = None,
        reopens: Sequence[bool] = (),
        pts: Sequence[int] | None = None,
    ) -> None:
        self.images = list(images)
        self.fail_at = fail_at
        self.error = error or (SourceLost("fake: lost") if live else SourceError("fake: failed"))
        self.stall_at = stall_at
        self.reopens = list(reopens)
        self.pts = pts
        self.go_on = threading.Event()
        self.opened = 0
        self.closed = 0
        self.reopened = 0
        self._next = 0
        height, width = self.images[0].shape[:2]
        self._info = SourceInfo(
            name="fake",
            size_wh=(width, height),
            rate=rate,
            live=live,
            time_base=TIME_BASE,
            frames=None if live else len(self.images),
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    def __enter__(self) -> Self:
        self.opened += 1
        return self

    def read(self) -> Frame:
        if self.closed:
            raise SourceError("fake: closed")
        if self._next == self.stall_at:
            self.go_on.wait(timeout=20)
            self.stall_at = None
            if self.closed:
                raise SourceError("fake: closed while it was read")
        if self._next == self.fail_at:
            self.fail_at = None
            raise self.error
        if self._next == len(self.images):
            raise EndOfStream
        if self._info.live:
            time.sleep(float(1 / self._info.rate))
        number = self._next
        self._next += 1
        pts = self.pts[number] if self.pts else round(number / self._info.rate / TIME_BASE)
        return Frame(self.images[number], number, pts, TIME_BASE, time.monotonic())

    def reopen(self) -> bool:
        self.reopened += 1
        return self.reopens.pop(0) if self.reopens else True

    def close(self) -> None:
        self.closed += 1
        self.go_on.set()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class FakeSink:
    """A scripted Sink that keeps what it was given.

    Args:
        fail_at: number of the picture whose `write` raises `error`.
        stall_at: number of the picture whose `write` blocks until `go_on`.
        quit_at: number of the picture whose `write` raises QuitRequested.
        refuse: reason for which `open` raises SinkError.
        write_s: how long every write takes.
    """

    def __init__(
        self,
        name: str = "fake",
        *,
        paced: bool = False,
        fail_at: int | None = None,
        error: Exception | None = None,
        stall_at: int | None = None,
        quit_at: int | None = None,
        refuse: str | None = None,
        write_s: float = 0.0,
    ) -> None:
        self._name = name
        self._paced = paced
        self.fail_at = fail_at
        self.error = error or SinkError(f"{name}: failed")
        self.stall_at = stall_at
        self.quit_at = quit_at
        self.refuse = refuse
        self.write_s = write_s
        self.go_on = threading.Event()
        self.format: PictureFormat | None = None
        self.pictures: list[Picture] = []
        self.written_at_s: list[float] = []
        self.closes: list[bool] = []
        """The `failed` of each close."""
        self.threads: set[str] = set()

    @property
    def name(self) -> str:
        return self._name

    @property
    def paced(self) -> bool:
        return self._paced

    def open(self, picture_format: PictureFormat) -> None:
        self.threads.add(threading.current_thread().name)
        if self.refuse is not None:
            raise SinkError(self.refuse)
        self.format = picture_format

    def write(self, picture: Picture) -> None:
        self.threads.add(threading.current_thread().name)
        assert self.format is not None and not self.closes, "write outside open and close"
        number = len(self.pictures)
        if number == self.stall_at:
            self.go_on.wait(timeout=20)
            self.stall_at = None
        if number == self.fail_at:
            raise self.error
        if number == self.quit_at:
            raise QuitRequested
        if self.write_s:
            time.sleep(self.write_s)
        self.pictures.append(picture)
        self.written_at_s.append(time.monotonic())

    def close(self, *, failed: bool) -> None:
        self.threads.add(threading.current_thread().name)
        self.closes.append(failed)


Trouble = Literal["raise", "stall", "nan", "wrong_size", "out_of_range"]


class FakeMatter:
    """A Matter whose alpha comes from a function of the image; troubles come by call number.

    Args:
        alpha: image (H, W, 3) to alpha (h, w); everything foreground where not given.
        troubles: what goes wrong at which call, counted from 0.
        matte_s: how long every matte takes.
        scale: the mattes' size in parts of the image's.
    """

    model_name = "fake"
    device_name = "cpu"
    precision = "n/a"

    def __init__(
        self,
        alpha: Callable[[ImageU8], AlphaF32] | None = None,
        *,
        troubles: dict[int, Trouble] | None = None,
        matte_s: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._alpha = alpha
        self.troubles = troubles or {}
        self.matte_s = matte_s
        self.scale = scale
        self.calls = 0
        self.resets = 0
        self.go_on = threading.Event()

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        return ()

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        raise AssertionError("there is no choice")

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        width, height = size_wh
        return max(1, round(width * self.scale)), max(1, round(height * self.scale))

    def matte(self, image: ImageU8) -> AlphaF32:
        trouble = self.troubles.get(self.calls)
        self.calls += 1
        if self.matte_s:
            time.sleep(self.matte_s)
        if trouble == "raise":
            raise RuntimeError("fake network failed")
        if trouble == "stall":
            self.go_on.wait(timeout=20)
        size_wh = self.matte_size((image.shape[1], image.shape[0]))
        full = np.ones(image.shape[:2], np.float32) if self._alpha is None else self._alpha(image)
        alpha: AlphaF32 = np.asarray(
            cv2.resize(full, size_wh, interpolation=cv2.INTER_NEAREST), dtype=np.float32
        )
        if trouble == "nan":
            alpha = alpha.copy()
            alpha[0, 0] = np.nan
        if trouble == "out_of_range":
            alpha = alpha + 1.0
        if trouble == "wrong_size":
            alpha = np.ones((alpha.shape[0] + 1, alpha.shape[1] + 2), np.float32)
        return alpha

    def reset(self) -> None:
        self.resets += 1


class FakePropagator:
    """Carries a matte over as it is; none where `cut` says that the scene changed."""

    def __init__(self, cut: Callable[[ImageU8, ImageU8], bool] | None = None) -> None:
        self.cut = cut
        self.calls = 0

    def propagate(self, alpha: AlphaF32, matte_image: ImageU8, image: ImageU8) -> AlphaF32 | None:
        self.calls += 1
        return None if self.cut is not None and self.cut(matte_image, image) else alpha


class FakeEffects:
    """Effects in plain NumPy: a blend over one colour; the holding picture is another colour."""

    def __init__(
        self,
        color: tuple[int, int, int] = (0, 177, 64),
        holding: tuple[int, int, int] = (40, 40, 90),
        *,
        picture_kind: Literal["rgb", "rgba", "gray"] = "rgb",
        fail_at: int | None = None,
        render_s: float = 0.0,
    ) -> None:
        self._color = color
        self._holding = holding
        self._kind = picture_kind
        self.fail_at = fail_at
        self.render_s = render_s
        self.renders = 0
        self.resets = 0

    @property
    def picture_kind(self) -> Literal["rgb", "rgba", "gray"]:
        return self._kind

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        return size_wh

    def render(self, image: ImageU8, alpha: AlphaF32, time_s: float) -> NDArray[np.uint8]:
        number = self.renders
        self.renders += 1
        if self.render_s:
            time.sleep(self.render_s)
        if number == self.fail_at:
            raise RuntimeError("fake effects failed")
        size_wh = image.shape[1], image.shape[0]
        resized = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_NEAREST)
        wide = np.asarray(resized, dtype=np.float32)
        color = np.array(self._color, np.float32)
        shown = image * wide[..., None] + color * (1 - wide[..., None])
        return self._as_kind(np.rint(shown).astype(np.uint8), wide)

    def holding_picture(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        width, height = size_wh
        shown = np.empty((height, width, 3), np.uint8)
        shown[:] = self._holding
        return self._as_kind(shown, np.zeros((height, width), np.float32))

    def reset(self) -> None:
        self.resets += 1

    def _as_kind(self, shown: ImageU8, alpha: AlphaF32) -> NDArray[np.uint8]:
        alpha_u8 = np.rint(alpha * 255).astype(np.uint8)
        if self._kind == "gray":
            return alpha_u8
        if self._kind == "rgba":
            return np.dstack([shown, alpha_u8])
        return shown


class FakeGui:
    """Stands in for OpenCV's windows; `keys` are what the viewer presses, one per picture."""

    def __init__(self, keys: Sequence[int] = (), *, closed_after: int | None = None) -> None:
        self.keys = list(keys)
        self.closed_after = closed_after
        self.shown: list[NDArray[np.uint8]] = []
        self.windows: set[str] = set()

    def namedWindow(self, winname: str, flags: int) -> None:
        self.windows.add(winname)

    def resizeWindow(self, winname: str, width: int, height: int) -> None:
        assert winname in self.windows

    def imshow(self, winname: str, mat: Any) -> None:
        assert winname in self.windows
        self.shown.append(np.array(mat))

    def waitKey(self, delay: int) -> int:
        return self.keys.pop(0) if self.keys else -1

    def getWindowProperty(self, winname: str, prop_id: int) -> float:
        gone = self.closed_after is not None and len(self.shown) > self.closed_after
        return 0.0 if gone or winname not in self.windows else 1.0

    def destroyWindow(self, winname: str) -> None:
        if winname not in self.windows:
            raise cv2.error("NULL window")
        self.windows.remove(winname)
