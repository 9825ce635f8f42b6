"""Reading the frames of a video."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.video_frames import video_frames


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Seven frames, each of its own grey."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), 30, (32, 24))
    for index in range(7):
        writer.write(np.full((24, 32, 3), 20 * index, np.uint8))
    writer.release()
    return path


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The videos whose capture was released explicitly."""
    names: list[str] = []

    class Capture:
        def __init__(self, name: str) -> None:
            self.name = name
            self.capture = real(name)

        def isOpened(self) -> bool:
            return bool(self.capture.isOpened())

        def read(self) -> tuple[bool, np.ndarray]:
            return self.capture.read()

        def release(self) -> None:
            names.append(self.name)
            self.capture.release()

    real = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    return names


def test_every_second_frame_is_yielded_with_its_index(clip: Path) -> None:
    frames = list(video_frames(clip, 2))
    assert [index for index, _ in frames] == [0, 2, 4, 6]
    assert [int(frame.mean()) for _, frame in frames] == pytest.approx([0, 40, 80, 120], abs=2)


def test_the_capture_is_released_at_the_end(clip: Path, released: list[str]) -> None:
    list(video_frames(clip))
    assert released == [str(clip)]


def test_the_capture_is_released_when_a_reader_stops_early(clip: Path, released: list[str]) -> None:
    frames = video_frames(clip)
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert released == [str(clip)]


def test_what_is_no_video_is_named(tmp_path: Path, released: list[str]) -> None:
    path = tmp_path / "none.mp4"
    with pytest.raises(FileNotFoundError, match=r"none\.mp4: cannot be opened as video"):
        next(video_frames(path))
    assert released == [str(path)]
