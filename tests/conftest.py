"""Fixtures that every test may use."""

import logging
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of clips and weights beside the repository; skips the test where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what the program does to the root logger: after `--quiet` no warning is heard."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Make this process hear Ctrl-C: a shell's script makes what it starts with `&` deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


STAGE_NAMES = {"capture", "propagate", "inference", "composite", "sink", "viewers", "reader", "run"}
"""First parts of the names that our threads carry."""


def ours(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that the program started."""
    return [thread for thread in threads if thread.name.split(":")[0] in STAGE_NAMES]


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    """Fail a test that leaves a thread of ours behind."""
    before = set(threading.enumerate())
    yield
    left = ours(thread for thread in threading.enumerate() if thread not in before)
    for thread in left:
        thread.join(timeout=2)
    assert not [thread.name for thread in left if thread.is_alive()]
