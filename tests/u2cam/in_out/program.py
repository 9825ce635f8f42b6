"""The program in this process, with a network that finds the person where a test says."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tests.fakes import FakeMatter
from u2cam.cli.main import main
from u2cam.core.arrays import AlphaF32, ImageU8

Alpha = Callable[[ImageU8], AlphaF32]
SAME = ("-b", "none")
"""The picture goes through as it is."""


def everything(image: ImageU8) -> AlphaF32:
    """All of the picture is the person."""
    return np.ones(image.shape[:2], np.float32)


def nothing(image: ImageU8) -> AlphaF32:
    """All of the picture is background."""
    return np.zeros(image.shape[:2], np.float32)


def right_half(image: ImageU8) -> AlphaF32:
    """The person is on the right."""
    alpha = nothing(image)
    alpha[:, image.shape[1] // 2 :] = 1
    return alpha


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run."""

    code: int
    lines: list[str]
    """On stderr."""

    @property
    def line(self) -> str:
        """The only line that was said."""
        assert len(self.lines) == 1, self.lines
        return self.lines[0]


def run(before: Path | str, after: Path, *more: str, alpha: Alpha = everything) -> Ran:
    """Run the program from a file to a file."""
    argv = ["-i", str(before), "-o", str(after), *more, "-m", "grabcut"]
    argv += ["--set", "output.preset=ultrafast"]
    said = io.StringIO()
    with (
        patch("u2cam.compositors.host_matter", lambda *given, **named: FakeMatter(alpha)),
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        code = main(argv)
    return Ran(code, said.getvalue().splitlines())


def done(before: Path | str, after: Path, *more: str, alpha: Alpha = everything) -> Ran:
    """Run the program, which has to succeed."""
    ran = run(before, after, *(more or SAME), alpha=alpha)
    assert ran.code == 0, ran.lines
    return ran


def refused(before: Path | str, after: Path, *more: str, names: str) -> None:
    """Run the program, which has to refuse: exit code 2, one line, nothing written.

    Args:
        before: the input.
        after: the output.
        more: further arguments.
        names: what the line has to name.
    """
    there = set(after.parent.iterdir())
    ran = run(before, after, *(more or SAME))
    assert ran.code == 2, ran
    assert ran.line.startswith("u2cam: ")
    assert names in ran.line, ran.line
    assert set(after.parent.iterdir()) == there
