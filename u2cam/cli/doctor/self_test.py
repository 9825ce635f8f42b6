"""Two seconds of the whole engine: the demo, live, with the asked-for network, to nowhere."""

from collections.abc import Callable
from dataclasses import dataclass

from u2cam.cli.arguments import Arguments
from u2cam.cli.doctor.finding import Finding, from_error, ok, warning
from u2cam.pipeline import Pipeline
from u2cam.settings import Settings
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sources.demo import DemoSource

LENGTH_S = 2.0
SMOOTH_SHARE = 0.8
"""Of the asked-for rate; below it people see stutter."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How two seconds went."""

    network: str
    size_wh: tuple[int, int]
    rate: float
    """Asked frames per second."""
    fps: float
    """Pictures per second that came out."""
    latency_ms: float
    """Median time from frame to picture."""
    dropped: int
    placeholders: int
    """Pictures that stood in where no matte came."""


def check_self_test(
    arguments: Arguments,
    settings: Settings,
    measure: Callable[[Arguments, Settings], Measured] | None = None,
) -> Finding:
    """Run it and judge the result."""
    try:
        result = (measure or measured)(arguments, settings)
    except (ValueError, OSError) as error:
        return from_error("self-test", error)
    except Exception as error:
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        found = f"{type(error).__name__}: {' '.join(str(error).split())}{notes}"
        return Finding("self-test", "failed", found, "run again with -v and report what it says")
    width, height = result.size_wh
    found = (
        f"{result.network}: {width}x{height}, {result.fps:.1f} of {result.rate:g} fps, "
        f"latency {result.latency_ms:.0f} ms, {result.dropped} dropped, "
        f"{result.placeholders} placeholders"
    )
    if result.placeholders:
        return warning(
            "self-test", found, "the network is too slow here: a smaller one, or a GPU, helps"
        )
    if result.fps < SMOOTH_SHARE * result.rate:
        return warning(
            "self-test",
            found,
            "close other programs, ask for less (--width, --fps), or take a smaller network",
        )
    return ok("self-test", found)


def measured(arguments: Arguments, settings: Settings) -> Measured:
    """Run the engine for two seconds.

    Raises:
        Exception: whatever stopped it.
    """
    capture = settings.capture
    size_wh = (capture.width or 1280, capture.height or 720)
    source = DemoSource(size_wh)
    rate = float(source.info.rate)
    run = Pipeline(
        source,
        NullSink(),
        background=arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        live=True,
        frames=round(LENGTH_S * rate),
        settings=settings,
    )
    run.run()
    facts = run.statistics()
    frames = facts["frames"]
    return Measured(
        network=f"{facts['model']} on {facts['device']} ({facts['precision']}), "
        f"effects on {facts['effects_device']}",
        size_wh=size_wh,
        rate=rate,
        fps=(frames["out"] - frames["placeholder"]) / max(facts["elapsed_s"], 1e-9),
        latency_ms=facts["latency_ms"]["p50"],
        dropped=sum(sum(reasons.values()) for reasons in frames["dropped"].values()),
        placeholders=frames["placeholder"],
    )
