"""Which of OpenCV's camera backends are tried on this system, and whether an index answers."""

import sys

import cv2


def camera_backends() -> tuple[int, ...]:
    """Return OpenCV's backends in the order to try.

    DirectShow comes before Media Foundation on Windows because it opens at once where the other
    can take many seconds; Media Foundation knows the cameras that DirectShow does not.
    """
    if sys.platform.startswith("linux"):
        return (cv2.CAP_V4L2,)
    if sys.platform == "win32":
        return (cv2.CAP_DSHOW, cv2.CAP_MSMF)
    if sys.platform == "darwin":
        return (cv2.CAP_AVFOUNDATION,)
    return (cv2.CAP_ANY,)


def index_answers(index: int) -> bool:
    """Try an index: opens the camera for a moment, which lights its lamp."""
    for backend in camera_backends():
        capture = cv2.VideoCapture(index, backend)
        try:
            if capture.isOpened():
                return True
        finally:
            capture.release()
    return False
