"""A whole live run whose camera is unplugged, or whose computer sleeps, and that goes on."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from tests.fakes import FakeCapture, FakeMatter, FakeRenderer, FakeSink
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices import camera_identity
from u2cam.stream.devices.cameras import Camera
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sources import camera as source_camera
from u2cam.stream.sources.camera import CameraSource

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform != "linux", reason="device numbers"),
]
FRAME_S = 1 / 60
CAPTURE = CaptureSettings(stall_s=0.3, reconnect_min_s=0.05, reconnect_max_s=0.1)


def plugged(index: int, name: str = "Cam", bus: str = "usb-1") -> Camera:
    return Camera(index, name, f"/dev/video{index}", bus=bus)


@dataclass
class Desk:
    """Cameras that are plugged in now; each opening takes the next capture made for it."""

    cameras: list[Camera] = field(default_factory=list)
    captures: dict[str, list[FakeCapture]] = field(default_factory=dict)
    opened: list[int | str] = field(default_factory=list)

    def open(self, device: int | str, backend: int) -> FakeCapture:
        there = any(camera.path == device for camera in self.cameras)
        waiting = self.captures.get(str(device), [])
        if not there or not waiting:
            return FakeCapture(opens=False)
        self.opened.append(device)
        return waiting.pop(0)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Desk:
    made = Desk()
    monkeypatch.setattr(source_camera, "list_cameras", lambda: list(made.cameras))
    monkeypatch.setattr(camera_identity, "LINKS", tmp_path)
    return made


@dataclass
class Run:
    sink: FakeSink
    pipeline: Pipeline

    def shown(self) -> int:
        return sum(not picture.placeholder for picture in list(self.sink.pictures))


@pytest.fixture
def start(desk: Desk) -> Iterator[Callable[[], Run]]:
    """Starts a live run of camera 0 in a thread; ends it after the test."""
    running: list[tuple[Run, threading.Thread, CameraSource]] = []
    before = set(threading.enumerate())

    def begin() -> Run:
        source = CameraSource(0, CAPTURE, desk.open)
        source.__enter__()
        sink = FakeSink(paced=True)
        pipeline = Pipeline(
            source,
            CpuCompositor(FakeMatter(), FakeRenderer()),
            [sink],
            live=True,
            settings=PipelineSettings(hold_after_s=0.2),
            capture=CAPTURE,
        )
        run = Run(sink, pipeline)
        thread = threading.Thread(target=pipeline.run, name="run")
        thread.start()
        running.append((run, thread, source))
        return run

    yield begin
    for run, thread, source in running:
        run.pipeline.stop()
        thread.join(10)
        source.close()
        assert not thread.is_alive()
    until(lambda: not set(threading.enumerate()) - before)


def until(condition: Callable[[], bool], timeout_s: float = 15) -> None:
    deadline_s = REAL_MONOTONIC() + timeout_s
    while not condition():
        assert REAL_MONOTONIC() < deadline_s, "waited in vain"
        time.sleep(0.005)


REAL_MONOTONIC = time.monotonic


def test_unplugged_it_shows_the_placeholder_and_comes_back_under_another_number(
    desk: Desk, start: Callable[[], Run]
) -> None:
    unplug = threading.Event()

    def pull_out(number: int) -> np.ndarray:
        if number == 20:
            desk.cameras.clear()
            unplug.set()
        # What the driver gives last is no picture.
        return np.empty((0, 0, 3), np.uint8) if number >= 20 else np.full((36, 64, 3), 9, np.uint8)

    desk.cameras.append(plugged(0))
    desk.captures["/dev/video0"] = [FakeCapture(image=pull_out, frame_s=FRAME_S)]
    desk.captures["/dev/video7"] = [FakeCapture(frame_s=FRAME_S)]
    run = start()
    assert unplug.wait(10)
    until(lambda: run.sink.pictures[-1].placeholder)
    desk.cameras.append(plugged(0, "Another", "usb-4"))
    time.sleep(0.3)
    assert desk.opened == ["/dev/video0"], "another camera is never opened in its place"
    desk.cameras.append(plugged(7, bus="usb-3"))
    plugged_at_s = time.monotonic()
    until(lambda: not run.sink.pictures[-1].placeholder)
    assert time.monotonic() - plugged_at_s < 3
    assert desk.opened == ["/dev/video0", "/dev/video7"]
    pts = [picture.pts for picture in list(run.sink.pictures)]
    assert pts == sorted(pts)


def test_a_camera_that_stalls_is_opened_anew(desk: Desk, start: Callable[[], Run]) -> None:
    stalls = FakeCapture(["frame"] * 20 + ["stall"], frame_s=FRAME_S)
    desk.cameras.append(plugged(0))
    desk.captures["/dev/video0"] = [stalls, FakeCapture(frame_s=FRAME_S)]
    run = start()
    until(lambda: run.sink.pictures != [] and stalls.reads > 20)
    until(lambda: run.sink.pictures[-1].placeholder)
    # The driver still holds the old one: it is let go when it answers, by its own thread.
    until(lambda: not run.sink.pictures[-1].placeholder)
    assert desk.opened == ["/dev/video0", "/dev/video0"]
    assert stalls.released == 0
    stalls.go_on.set()
    until(lambda: stalls.released == 1)


@pytest.mark.parametrize("camera_dies", [True, False])
def test_after_hours_of_sleep_it_goes_on_without_a_burst(
    desk: Desk,
    start: Callable[[], Run],
    monkeypatch: pytest.MonkeyPatch,
    camera_dies: bool,
) -> None:
    """The clock jumps, as it does on systems whose monotonic clock counts sleep."""
    jump_s = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: REAL_MONOTONIC() + jump_s)
    asleep = FakeCapture(["frame"] * 20 + (["stall"] if camera_dies else []), frame_s=FRAME_S)
    desk.cameras.append(plugged(0))
    desk.captures["/dev/video0"] = [
        asleep,
        *([] if camera_dies else [FakeCapture(frame_s=FRAME_S)]),
    ]
    desk.captures["/dev/video2"] = [FakeCapture(frame_s=FRAME_S)]
    run = start()
    until(lambda: run.shown() >= 10 and asleep.reads >= 20)
    woke_real_s = REAL_MONOTONIC()
    before, written = run.shown(), len(run.sink.pictures)
    jump_s = 3 * 3600.0
    if camera_dies:
        # The hub was without power: the same camera has another number now.
        desk.cameras[:] = [plugged(2)]
        asleep.go_on.set()
    until(lambda: run.shown() > before + 20)
    awake_s = REAL_MONOTONIC() - woke_real_s
    assert awake_s < 8
    assert len(run.sink.pictures) - written < 30 * awake_s + 10, "made up for the hours"
    pictures = list(run.sink.pictures)
    assert [p.pts for p in pictures] == sorted(p.pts for p in pictures)
    if camera_dies:
        assert desk.opened == ["/dev/video0", "/dev/video2"]
