"""Two seconds of the whole engine: the demo, live, with the asked-for network, to nowhere."""

from collections.abc import Callable
from typing import Any

from u2cam.cli.arguments import Arguments
from u2cam.cli.doctor.finding import Finding, from_error, ok, warning
from u2cam.core.errors import one_line
from u2cam.core.plural import counted
from u2cam.pipeline import Pipeline
from u2cam.settings import Settings
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sources.demo import DemoSource

LENGTH_S = 2.0
FPS = 30
"""Of the demo."""
SMOOTH_SHARE = 0.8
"""Of the asked-for rate; below it people see stutter."""


def check_self_test(
    arguments: Arguments,
    settings: Settings,
    measure: Callable[[Arguments, Settings], dict[str, Any]] | None = None,
) -> Finding:
    """Run it and judge the result."""
    try:
        facts = (measure or measured)(arguments, settings)
    except (ValueError, OSError) as error:
        return from_error("self-test", error)
    except Exception as error:
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        found = f"{type(error).__name__}: {one_line(error)}{notes}"
        return Finding("self-test", "failed", found, "run again with -v and report what it says")
    width, height = _size(settings)
    frames = facts["frames"]
    placeholders = frames["placeholder"]
    fps = (frames["out"] - placeholders) / max(facts["elapsed_s"], 1e-9)
    dropped = sum(sum(reasons.values()) for reasons in frames["dropped"].values())
    found = (
        f"{facts['model']} on {facts['device']} ({facts['precision']}), effects on "
        f"{facts['effects_device']}: {width}x{height}, {fps:.1f} of {FPS} fps, "
        f"latency {facts['latency_ms']['p50']:.0f} ms, {dropped} dropped, "
        f"{counted(placeholders, 'placeholder')}"
    )
    if placeholders:
        return warning(
            "self-test", found, "the network is too slow here: a smaller one, or a GPU, helps"
        )
    if fps < SMOOTH_SHARE * FPS:
        return warning(
            "self-test",
            found,
            "close other programs, ask for less (--width, --fps), or take a smaller network",
        )
    return ok("self-test", found)


def measured(arguments: Arguments, settings: Settings) -> dict[str, Any]:
    """Run the engine for two seconds and return the statistics.

    Raises:
        Exception: whatever stopped it.
    """
    # A crop that fits the camera need not fit the demo.
    capture = settings.capture.model_copy(update={"rotate": 0, "crop": None, "zoom": 1.0})
    settings = settings.model_copy(update={"capture": capture})
    run = Pipeline(
        DemoSource(_size(settings)),
        NullSink(),
        background=arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        live=True,
        frames=round(LENGTH_S * FPS),
        settings=settings,
    )
    run.run()
    return run.statistics()


def _size(settings: Settings) -> tuple[int, int]:
    return settings.capture.width or 1280, settings.capture.height or 720
