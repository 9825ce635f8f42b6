"""What FFmpeg's own program says of a file: another build than the one in PyAV, where it is there.

Tests that ask skip, by name, without it.
"""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def ffprobe(path: Path, *more: str) -> dict[str, Any]:
    """Return what `ffprobe` shows of a file's format, streams and chapters; skips without it."""
    program = shutil.which("ffprobe")
    if program is None:
        pytest.skip("ffprobe is not installed")
    shown = ["-show_format", "-show_streams", "-show_chapters", *more]
    command = [program, "-v", "error", "-of", "json", *shown, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert not done.stderr, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ffprobe_stream(path: Path, kind: str) -> dict[str, Any]:
    """Return what `ffprobe` shows of the first stream of a kind."""
    return next(one for one in ffprobe(path)["streams"] if one["codec_type"] == kind)


def frame_times(path: Path) -> list[Fraction]:
    """Return the times in seconds of all pictures, as `ffprobe` decodes them."""
    found = ffprobe(path, "-select_streams", "v:0", "-show_frames")
    (base,) = (one["time_base"] for one in found["streams"])
    return [int(frame["pts"]) * Fraction(base) for frame in found["frames"]]


def decoded(
    path: Path, pixel_format: str, size_wh: tuple[int, int], *how: str
) -> list[NDArray[np.uint8]]:
    """Return all pictures, (H, W, channels) uint8, as `ffmpeg` decodes them; skips without it.

    Args:
        path: of the file, or a numbered name.
        pixel_format: `rgb24` or `rgba`.
        size_wh: of the pictures.
        how: options of the input.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    out = ["-f", "rawvideo", "-vsync", "passthrough", "-pix_fmt", pixel_format, "-"]
    command = [program, "-v", "error", *how, "-i", str(path), *out]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert not done.stderr, done.stderr
    width, height = size_wh
    channels = {"rgb24": 3, "rgba": 4}[pixel_format]
    return list(np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, channels))


def decodes_cleanly(path: Path) -> bool:
    """True where `ffmpeg` decodes all streams to their end without a word; skips without it."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    command = [program, "-v", "error", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == 0 and not done.stderr
