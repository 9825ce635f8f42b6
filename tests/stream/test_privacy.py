"""The promise: no camera pixel outside a frame's own matte ever reaches a sink.

Every camera image here has a secret in its background: noise that occurs nowhere else. The true
matte covers the left half. Whatever fails, no picture may hold the secret's half.
"""

import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.fakes import (
    FakeGpuCompositor,
    FakeMatter,
    FakePropagator,
    FakeRenderer,
    FakeSink,
    FakeSource,
)
from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import AlphaF32, ImageU8, Picture
from u2cam.core.protocols import Compositor
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = pytest.mark.timeout(120)

WIDTH, HEIGHT = 32, 18
GREEN, PLACEHOLDER = (0, 177, 64), (40, 40, 90)


def secret_image(number: int) -> ImageU8:
    """Left: the person, whose shade tells the frame's number. Right: the secret."""
    noise = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3))
    image: NDArray[np.uint8] = noise.astype(np.uint8)
    image[:, : WIDTH // 2] = number % 256
    return image


def left_half(image: ImageU8) -> AlphaF32:
    alpha = np.zeros(image.shape[:2], np.float32)
    alpha[:, : image.shape[1] // 2] = 1
    return alpha


def assert_no_secret(picture: Picture) -> None:
    right = picture.image[:, WIDTH // 2 :]
    colour = PLACEHOLDER if picture.placeholder else GREEN
    assert np.all(right == colour), f"camera pixels in picture {picture.pts}"
    if picture.placeholder:
        assert np.all(picture.image == PLACEHOLDER)


FAILURES = st.dictionaries(
    st.integers(0, 24),
    st.sampled_from(["raise", "nan", "wrong_size", "out_of_range", "stall"]),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(
    failures=FAILURES,
    lost_at=st.none() | st.integers(0, 24),
    stall_at=st.none() | st.integers(0, 24),
    sink_fails_at=st.none() | st.integers(0, 10),
    mode=st.sampled_from(["offline", "live", "async", "offline on a GPU", "live on a GPU"]),
    max_failures=st.integers(1, 6),
)
def test_no_fault_lets_the_background_through(
    failures: dict[int, Any],
    lost_at: int | None,
    stall_at: int | None,
    sink_fails_at: int | None,
    mode: str,
    max_failures: int,
) -> None:
    live = not mode.startswith("offline")
    error = SourceLost("lost") if live else SourceError("broken")
    source = FakeSource(
        [secret_image(number) for number in range(25)],
        live=live,
        rate=Fraction(250),
        fail_at=lost_at,
        error=error,
        stall_at=stall_at,
    )
    matter = FakeMatter(left_half, failures=failures)
    sinks = [FakeSink("a", paced=live), FakeSink("b", fail_at=sink_fails_at)]
    renderer = FakeRenderer(GREEN, PLACEHOLDER)
    on_gpu = mode.endswith("on a GPU")
    compositor: Compositor = CpuCompositor(matter, renderer)
    if on_gpu:
        compositor = FakeGpuCompositor(matter, renderer, batch=1 if live else 3)
    run = Pipeline(
        source,
        compositor,
        sinks,
        live=live,
        settings=PipelineSettings(hold_after_s=0.02, max_failures=max_failures),
        capture=CaptureSettings(reconnect_min_s=0.01, reconnect_max_s=0.02),
        propagator=FakePropagator() if live and not on_gpu else None,
        max_matte_age_s=0.03,
    )
    if mode == "async" and run.matting is not None:
        run.matting.asynchronous.set()
    timers = [threading.Timer(0.08, event.set) for event in (source.go_on, matter.go_on)]
    for timer in timers:
        timer.start()
    try:
        run.run()
    except (SourceError, RuntimeError, ValueError) as failure:
        # A run may fail, and then it says where; it may not leak.
        assert failure.__notes__
    finally:
        for timer in timers:
            timer.cancel()
            timer.join()
        source.go_on.set()
        matter.go_on.set()
    for sink in sinks:
        for picture in sink.pictures:
            assert_no_secret(picture)


def test_the_property_would_notice_a_leak() -> None:
    sink = FakeSink()
    Pipeline(
        FakeSource([secret_image(0)]),
        # Everything is foreground: the secret passes.
        CpuCompositor(FakeMatter(), FakeRenderer(GREEN, PLACEHOLDER)),
        [sink],
        live=False,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
    ).run()
    with pytest.raises(AssertionError, match="camera pixels"):
        assert_no_secret(sink.pictures[0])


def test_a_late_network_shows_the_placeholder_at_start_up() -> None:
    source = FakeSource([secret_image(number) for number in range(15)], live=True)
    matter = FakeMatter(left_half, failures={0: "stall"})
    sink = FakeSink(paced=True)
    run = Pipeline(
        source,
        CpuCompositor(matter, FakeRenderer(GREEN, PLACEHOLDER)),
        [sink],
        live=True,
        settings=PipelineSettings(hold_after_s=0.05),
        capture=CaptureSettings(),
    )
    timer = threading.Timer(0.3, matter.go_on.set)
    timer.start()
    run.run()
    timer.join()
    assert sink.pictures[0].placeholder
    assert not sink.pictures[-1].placeholder
    for picture in sink.pictures:
        assert_no_secret(picture)
