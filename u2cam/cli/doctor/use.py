"""The use that the command line asks for, which decides what has to work."""

from dataclasses import dataclass

from u2cam.cli.arguments import Arguments
from u2cam.cli.run import refuse_misplaced
from u2cam.inputs import InputPlan, plan_input
from u2cam.outputs import plan_outputs
from u2cam.settings import Settings


@dataclass(frozen=True, slots=True)
class Use:
    """A run as asked, planned but not opened."""

    plan: InputPlan
    outputs: tuple[str, ...]

    @property
    def virtual_camera(self) -> bool:
        """Whether a virtual camera has to be there."""
        return "virtual" in self.outputs

    @property
    def files(self) -> tuple[str, ...]:
        """The outputs that are files."""
        return tuple(name for name in self.outputs if name not in ("virtual", "window", "null"))


def plan_use(arguments: Arguments, settings: Settings) -> Use:
    """Plan the run.

    Raises:
        ValueError: the options contradict each other.
        OSError: the input or an output cannot be.
    """
    plan = plan_input(
        arguments.input,
        settings,
        live=arguments.live,
        start_s=arguments.start_s,
        frames=arguments.frames,
    )
    refuse_misplaced(arguments, plan)
    outputs = plan_outputs(arguments.outputs, plan)
    return Use(plan, tuple(output for output in outputs if isinstance(output, str)))
