import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("stream", "model", "effects", "app", "bench", "tests", "run_camera")
FORBIDDEN = {
    "stream": {"model", "effects", "app", "bench", "tests", "run_camera", "torch"},
    "effects": {"model", "stream", "app", "bench", "tests", "run_camera", "torch"},
    "model": {"stream", "effects", "app", "bench", "tests", "run_camera", "pyvirtualcam"},
    "app": {"bench", "tests", "run_camera"},
}
THREADLESS = {"effects": {"threading", "queue"}}
DEVICE_STEPS = ROOT / "effects" / "device"
"""The one place of the effects that works on a GPU's tensors."""
DEVICES = {"av", "pyvirtualcam"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_import_only_in_the_allowed_direction(package: str) -> None:
    forbidden = FORBIDDEN[package] | THREADLESS.get(package, set())
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imported(path)
        if name.split(".")[0] in forbidden - ({"torch"} if path.parent == DEVICE_STEPS else set())
    }
    assert not wrong


def test_the_processor_path_of_the_effects_imports_no_device_steps() -> None:
    paths = [path for path in modules("effects") if path.parent != DEVICE_STEPS]
    assert not [p.name for p in paths for name in imported(p) if name.startswith("effects.device")]


def test_a_frame_depends_on_nothing_of_ours() -> None:
    names = {name.split(".")[0] for name in imported(ROOT / "stream" / "frame.py")}
    assert not names & set(PACKAGES)


def test_media_and_device_libraries_appear_only_at_the_edges() -> None:
    wrong = {
        f"{path.name} imports {name}"
        for path in modules("stream")
        for name in imported(path)
        if name.split(".")[0] == "pyvirtualcam" and not path.name.startswith("sink_")
    }
    assert not wrong


def test_the_pipeline_and_its_loops_import_no_media_library() -> None:
    core = ("pipeline", "capture", "inference", "composite", "output", "frame_queue", "metrics")
    names = {
        name.split(".")[0] for stem in core for name in imported(ROOT / "stream" / f"{stem}.py")
    }
    assert not names & {"cv2", *DEVICES}
