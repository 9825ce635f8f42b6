"""The doctor: looks at everything that a run needs, says what to do, and whether it would work."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from u2cam.cli.arguments import Arguments
from u2cam.cli.doctor.computing import check_computing
from u2cam.cli.doctor.finding import Finding, from_error, warning
from u2cam.cli.doctor.inputs import check_inputs
from u2cam.cli.doctor.places import check_places
from u2cam.cli.doctor.redact import redact
from u2cam.cli.doctor.self_test import check_self_test
from u2cam.cli.doctor.software import check_software
from u2cam.cli.doctor.virtual_camera import check_virtual_camera
from u2cam.cli.run import refuse_misplaced
from u2cam.core.choices import PICTURE_KINDS
from u2cam.inputs import InputPlan, plan_input
from u2cam.jobs.folder_plan import plan_folders
from u2cam.outputs import plan_outputs
from u2cam.overwriting import read_by_run
from u2cam.settings import Settings

WORKS, WOULD_FAIL = 0, 1

_MARKS = {
    "ok": ("ok     ", "green"),
    "warning": ("warning", "yellow"),
    "failed": ("FAILED ", "red"),
}


def doctor(arguments: Arguments, settings: Settings, *, as_json: bool) -> int:
    """Check everything for the asked-for use and print it; return the exit code.

    Args:
        arguments: the command line; -i, -o, --model and the others say which use is meant.
        settings: as a run would have them.
        as_json: for a bug report: JSON on stdout, without anything personal.
    """
    findings = []
    for finding in examine(arguments, settings):
        findings.append(finding)
        if not as_json:
            _print(finding)
    works = not any(finding.state == "failed" for finding in findings)
    if as_json:
        print(to_json(findings, arguments))
    else:
        print("what you asked for works" if works else "what you asked for would NOT work")
    return WORKS if works else WOULD_FAIL


def examine(arguments: Arguments, settings: Settings) -> Iterator[Finding]:
    """Make all checks, one after another; the slow ones come last."""
    yield from check_software()
    plan: InputPlan | None = None
    outputs: list[str] = []
    try:
        plan, outputs = _planned(arguments, settings)
    except (ValueError, OSError) as error:
        yield from_error("options", error)
    allow_fallback = plan is not None and not plan.films
    weights_here = True
    for finding in check_computing(settings.model, allow_fallback=allow_fallback):
        weights_here &= finding.state != "failed"
        yield finding
    if plan is not None:
        yield from check_inputs(plan.source, camera=plan.films)
    yield from check_virtual_camera(settings.virtual_camera, needed="virtual" in outputs)
    kind = PICTURE_KINDS[arguments.view]
    files = [name for name in outputs if name not in ("virtual", "window", "null")]
    yield from check_places(files, kind, settings.output)
    if weights_here:
        yield check_self_test(arguments, settings)
    else:
        yield warning("self-test", "left out, because device or weights are not there")


def _planned(arguments: Arguments, settings: Settings) -> tuple[InputPlan, list[str]]:
    """Plan the run that was asked for, input and names of the outputs; nothing is opened.

    Raises:
        ValueError: the options contradict each other.
        OSError: the input or an output cannot be.
    """
    read = read_by_run(arguments.input, arguments.background, settings.model.name)
    folders = plan_folders(arguments.input, arguments.outputs, view=arguments.view, read=read)
    if folders is not None:
        first = folders.tasks[0]
        there = [str(target) for target in first.targets if target.parent.is_dir()]
        return plan_input(first.source, settings), there
    plan = plan_input(
        arguments.input,
        settings,
        live=arguments.live,
        start_s=arguments.start_s,
        end_s=arguments.end_s,
        frames=arguments.frames,
    )
    refuse_misplaced(arguments, plan)
    return plan, [str(output) for output in plan_outputs(arguments.outputs, plan)]


def to_json(findings: list[Finding], arguments: Arguments) -> str:
    """Return the report as JSON without personal data."""
    names = [arguments.input, *arguments.outputs, arguments.background]
    names.append(str(arguments.options.get("model", {}).get("name", "")))
    private = [name for name in names if any(sign in name for sign in "./\\")]
    private = [name for name in private if not name.startswith("/dev/video")]
    works = not any(finding.state == "failed" for finding in findings)
    report = {
        "works": works,
        "findings": [
            {key: redact(text, private) for key, text in asdict(finding).items()}
            | {"state": finding.state}
            for finding in findings
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _print(finding: Finding) -> None:
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    mark, colour = _MARKS[finding.state]
    console.print(Text.assemble((mark, colour), f"  {finding.name}: {finding.found}"))
    if finding.advice:
        console.print(Text(f"           -> {finding.advice}"))
