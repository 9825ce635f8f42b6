"""What FFmpeg's own program says of a file: another build than the one in PyAV, where it is there.

Tests that ask skip, by name, without it.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


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


def decodes_cleanly(path: Path) -> bool:
    """True where `ffmpeg` decodes all streams to their end without a word; skips without it."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    command = [program, "-v", "error", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == 0 and not done.stderr
