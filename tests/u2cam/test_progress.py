"""What is shown of a run, and what happens where nothing can be shown."""

import errno
import io

import pytest
from rich.console import Console

from tests.fakes import FakeMatter, FakeRenderer, FakeSink, FakeSource, numbered_image
from u2cam.cli.progress import ProgressDisplay, say
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = pytest.mark.timeout(60)


class Terminal(io.StringIO):
    """A terminal that may be closed."""

    gone = False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)


@pytest.mark.parametrize("live", [True, False])
def test_a_terminal_that_is_closed_ends_the_line_and_not_the_run(live: bool) -> None:
    source, sink = FakeSource([numbered_image(n) for n in range(20)], live=live), FakeSink()
    pipeline = Pipeline(
        source,
        CpuCompositor(FakeMatter(), FakeRenderer()),
        [sink],
        live=live,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
    )
    terminal = Terminal()
    display = ProgressDisplay(
        pipeline,
        source,
        live=live,
        quiet=False,
        console=Console(file=terminal, force_terminal=True),
    )

    def tick() -> None:
        terminal.gone = True
        display.tick()

    with display:
        pipeline.run(tick, tick_s=0.01)
    assert sink.closes == [False]


def test_a_line_to_a_terminal_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    say("u2cam: before")
    terminal.gone = True
    say("u2cam: after")
    assert terminal.getvalue() == "u2cam: before\n"
