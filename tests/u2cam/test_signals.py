import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from u2cam.cli import signals as app_signals
from u2cam.cli.signals import Signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], None]]:
    """Run as a service, unless a test says that there is a terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def there(is_there: bool) -> None:
        monkeypatch.setattr(app_signals, "has_terminal", lambda: is_there)

    there(False)
    yield there
    signal.signal(signal.SIGHUP, before)


class FakeRun:
    def __init__(self) -> None:
        self.screen = threading.Event()
        self.backgrounds = 0
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1

    def next_background(self) -> str:
        self.backgrounds += 1
        return "blur"


def send(number: int, times: int = 1) -> None:
    for _ in range(times):
        os.kill(os.getpid(), number)


def nothing() -> None:
    pass


def test_each_signal_does_its_own() -> None:
    run, reloads = FakeRun(), []
    with Signals(run, lambda: reloads.append(1)) as signals:
        send(signal.SIGHUP)
        signals.tick()
        assert (reloads, run.backgrounds, run.screen.is_set()) == ([1], 0, False)
        send(signal.SIGUSR1)
        signals.tick()
        assert (reloads, run.backgrounds, run.screen.is_set()) == ([1], 1, False)
        send(signal.SIGUSR2)
        signals.tick()
        assert run.screen.is_set()
        send(signal.SIGUSR2)
        signals.tick()
        assert not run.screen.is_set()


def test_a_signal_acts_once_and_only_when_asked() -> None:
    run = FakeRun()
    with Signals(run, nothing) as signals:
        send(signal.SIGUSR1, 3)
        assert run.backgrounds == 0
        signals.tick()
        signals.tick()
        assert run.backgrounds == 3


def fail(error: Exception) -> Callable[[], None]:
    def reload() -> None:
        raise error

    return reload


@pytest.mark.parametrize(
    "error", [ValueError, FileNotFoundError, MemoryError, RuntimeError, torch.OutOfMemoryError]
)
def test_a_reload_that_fails_is_told_and_the_run_goes_on(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    run = FakeRun()
    with Signals(run, fail(error("matte.gamma = 9: too much"))) as signals:
        send(signal.SIGHUP)
        send(signal.SIGUSR1)
        signals.tick()
    assert "SIGHUP: matte.gamma = 9: too much; the run goes on" in caplog.text
    assert run.backgrounds == 1


def test_with_a_terminal_sighup_stops_the_run_however_often_it_comes(
    terminal: Callable[[bool], None],
) -> None:
    terminal(True)
    run = FakeRun()
    with Signals(run, fail(KeyError("reloaded"))) as signals:
        signals.tick()
        assert (run.stops, signals.hung_up) == (0, False)
        send(signal.SIGHUP, 3)
        signals.tick()
        assert run.stops > 0
        assert signals.hung_up


def test_a_service_has_no_terminal() -> None:
    asks = "from u2cam.cli.signals import has_terminal; print(has_terminal())"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", asks],
        cwd=root,
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_under_nohup_sighup_reloads(terminal: Callable[[bool], None]) -> None:
    terminal(True)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run, reloads = FakeRun(), []
    with Signals(run, lambda: reloads.append(1)) as signals:
        send(signal.SIGHUP)
        signals.tick()
    assert (reloads, run.stops) == ([1], 0)


def test_a_mistake_of_the_program_is_not_hidden() -> None:
    run = FakeRun()
    with Signals(run, fail(KeyError("x"))) as signals:
        send(signal.SIGHUP)
        with pytest.raises(KeyError):
            signals.tick()


def test_the_handlers_before_come_back() -> None:
    before = [signal.getsignal(n) for n in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)]
    run = FakeRun()
    with Signals(run, nothing):
        assert signal.getsignal(signal.SIGHUP) not in before
    assert before == [signal.getsignal(n) for n in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)]
