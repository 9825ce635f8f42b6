"""`--list-cameras` and `--list-models`."""

from rich.console import Console
from rich.table import Table

from u2cam.core.errors import printable
from u2cam.model.registry import MODELS
from u2cam.model.weights import find_weights
from u2cam.stream.devices.cameras import list_cameras


def show(action: str) -> int:
    """Print the list that was asked for; return the exit code."""
    if action == "list_models":
        _show_models()
    else:
        _show_cameras()
    return 0


def _show_models() -> None:
    table = Table("name", "parameters", "licence", "weights", "for", box=None)
    for spec in MODELS:
        place = "here" if find_weights(spec) else ("download" if spec.download_url else "not here")
        table.add_row(
            spec.name, f"{spec.parameters / 1e6:.2f} M", spec.licence, place, spec.purpose
        )
    Console().print(table)


def _show_cameras() -> None:
    cameras = list_cameras()
    for camera in cameras:
        print(printable(str(camera)))
    if not cameras:
        print("no camera found")
