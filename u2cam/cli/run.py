"""One run: prepare, watch, report.

What goes wrong before the first frame is the user's to mend (exit code 2); later it is a failure
of the run (exit code 1).
"""

import logging
import traceback
from pathlib import Path

from u2cam import build
from u2cam.adaptation import Adaptation
from u2cam.cli.arguments import Arguments, UsageError
from u2cam.cli.hotkeys import HotKeys
from u2cam.cli.progress import ProgressDisplay, say
from u2cam.cli.report import closing_line, summary, write_json
from u2cam.cli.signals import Signals
from u2cam.effects_slot import EffectsSlot
from u2cam.resident import build_compositor, effects_like
from u2cam.settings import Settings, config_files, load
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.base import SinkError

log = logging.getLogger(__name__)

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Arguments, settings: Settings) -> int:
    """Prepare and run; what goes wrong before the first frame is a usage error."""
    try:
        plan = build.plan_input(arguments, settings)
        outputs = build.plan_outputs(arguments, live=plan.live)
        keys = HotKeys()
        effects = EffectsSlot(build.build_effects(arguments, settings))
        kind = effects.picture_kind
        sinks = [build.build_sink(output, kind, settings, keys.press) for output in outputs]
        _check_stats_file(arguments.stats)
        with plan.source:
            effects.chain.use_frame_color(plan.source.info.color)
            matter = build.build_network(settings, plan)
            matter, compositor = build_compositor(plan, matter, effects, arguments, settings)
            pipeline = build.build_pipeline(
                plan, matter, effects, sinks, settings, arguments.frames, compositor
            )
            keys.connect(pipeline, effects)
            log.info("model %s on %s (%s)", matter.model_name, matter.device_name, matter.precision)
            adaptation = build.build_adaptation(pipeline, matter, plan, settings)
            signals = Signals(pipeline, effects, lambda: _reload(arguments, effects))
            with signals:
                code = _watch(pipeline, plan, arguments, adaptation, signals)
    except (ValueError, OSError) as error:
        _say_error(error, arguments)
        return USAGE
    if arguments.stats is not None:
        write_json(arguments.stats, summary(pipeline, matter, plan.source, adaptation))
    if code != FAILED and not arguments.quiet and not signals.hung_up:
        names = ", ".join(outputs)
        print(f"{names}: {closing_line(pipeline, matter, plan.source)}")
    return code


def _watch(
    pipeline: Pipeline,
    plan: build.InputPlan,
    arguments: Arguments,
    adaptation: Adaptation | None,
    signals: Signals,
) -> int:
    """Run the pipeline and turn its outcome into an exit code.

    Raises:
        SinkError: a sink could not be opened, so nothing has run.
    """
    display = ProgressDisplay(
        pipeline, plan.source, live=plan.live, quiet=arguments.quiet, adaptation=adaptation
    )

    def tick() -> None:
        # Signals first: where the terminal was closed, nothing can be shown any more.
        signals.tick()
        if adaptation is not None:
            adaptation.tick()
        display.tick()

    try:
        with display:
            pipeline.run(tick)
    except KeyboardInterrupt:
        return DONE if plan.live else INTERRUPTED
    except SinkError as error:
        if not pipeline.metrics.counted("in"):
            raise
        _say_error(error, arguments)
        return FAILED
    except Exception as error:
        _say_error(error, arguments)
        return FAILED
    for name, failure in pipeline.failed_sinks.items():
        say(f"u2cam: output {name} failed: {failure}")
    if pipeline.failed_sinks:
        return FAILED
    return INTERRUPTED if signals.hung_up and not plan.live else DONE


def _reload(arguments: Arguments, effects: EffectsSlot) -> None:
    """Read the settings again and let new effects, with a freshly read background, take over.

    Only the sections matte, color, background and holding can change during a run.

    Raises:
        SettingsError, ValueError: something is wrong now; the old effects stay.
    """
    settings = load(config_files(arguments.configs), arguments.assignments, arguments.options)
    again = effects_like(effects.chain, arguments, settings)
    again.use_frame_color(effects.chain.frame_color)
    effects.replace(again)
    log.info("settings and background read again")


def _say_error(error: BaseException, arguments: Arguments) -> None:
    """Say what went wrong in one line; the traceback follows only where -v asked for it."""
    said = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, ValueError | OSError):
        said = f"{type(error).__name__}: {said}"
        said += "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    say(f"u2cam: {said}")
    if arguments.verbose:
        traceback.print_exception(error)


def _check_stats_file(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--stats {path}: not a file in a folder that exists")
