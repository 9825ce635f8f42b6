import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "u2cam": "u2cam",
    "u2cam.imaging": "imaging",
    "u2cam.stream": "stream",
    "u2cam.model": "model",
    "u2cam.effects": "effects",
}
ABOVE = {"bench", "tests", "run_camera", "u2cam.cli"}
FORBIDDEN = {
    "u2cam/core": {"u2cam.stream", "u2cam.model", "u2cam.effects", "torch", "cv2", *ABOVE},
    "imaging": {"u2cam.stream", "u2cam.model", "u2cam.effects", "torch", *ABOVE},
    "stream": {"u2cam.model", "u2cam.effects", "torch", *ABOVE},
    "effects": {"u2cam.model", "u2cam.stream", "torch", "threading", "queue", *ABOVE},
    "model": {"u2cam.stream", "u2cam.effects", "pyvirtualcam", *ABOVE},
    "u2cam": {"bench", "tests", "run_camera"},
}
"""Folder and what it may not import; within the ground floor also nothing else of ours."""
RENDER = ROOT / "model" / "train" / "render"
"""Runs inside Blender's Python, where u2cam is not installed: imports itself, relatively."""
GPU = ROOT / "effects" / "gpu"
"""The one place of the effects that works on a GPU's tensors."""
MAY = {path: {"torch", "threading"} for path in GPU.rglob("*.py")}
"""Files that may import what others of their folder may not."""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and RENDER in path.parents and node.level:
            continue
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_packages_import_only_in_the_allowed_direction(folder: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(folder)
        for name in imported(path)
        if is_within(name, FORBIDDEN[folder] - MAY.get(path, set()))
    }
    assert not wrong


def test_the_packages_below_know_nothing_of_the_program_above() -> None:
    below = {"core", "imaging", "stream", "model", "effects"}
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in ("stream", "model", "effects", "imaging", "u2cam/core")
        for path in modules(folder)
        for name in imported(path)
        if name.startswith("u2cam.")
        and not is_within(name, {f"u2cam.{package}" for package in below})
    }
    assert not wrong


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [("u2cam/core", {"u2cam.core"}), ("imaging", {"u2cam.core", "u2cam.imaging"})],
)
def test_the_ground_floor_imports_nothing_of_ours(folder: str, allowed: set[str]) -> None:
    wrong = {
        f"{path.name} imports {name}"
        for path in modules(folder)
        for name in imported(path)
        if name.startswith("u2cam") and not is_within(name, allowed)
    }
    assert not wrong


def test_the_processor_path_of_the_effects_imports_no_gpu_steps() -> None:
    paths = [path for path in modules("effects") if GPU not in path.parents]
    wrong = [
        p.name for p in paths for name in imported(p) if is_within(name, {"u2cam.effects.gpu"})
    ]
    assert not wrong


def test_training_and_evaluation_do_not_import_each_other() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for one, other in (("train", "evaluate"), ("evaluate", "train"))
        for path in modules(f"model/{one}")
        for name in imported(path)
        if is_within(name, {f"u2cam.model.{other}"})
    }
    assert not wrong


def test_the_virtual_camera_library_appears_in_its_sink_only() -> None:
    wrong = {
        f"{path.name} imports {name}"
        for path in modules("stream")
        for name in imported(path)
        if name.split(".")[0] == "pyvirtualcam" and path.parent.name != "sinks"
    }
    assert not wrong


def test_the_pipeline_and_its_loops_import_no_media_library() -> None:
    core = [*(ROOT / "stream" / "stages").glob("*.py"), *(ROOT / "stream").glob("*.py")]
    names = {name.split(".")[0] for path in core for name in imported(path)}
    assert not names & {"cv2", "av", "pyvirtualcam"}


def test_every_folder_of_the_product_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    there = {
        ".".join((package, *path.parent.relative_to(ROOT / folder).parts))
        for package, folder in FOLDERS.items()
        for path in modules(folder)
    }
    assert listed == there


@pytest.mark.parametrize("folder", ["u2cam", "imaging", "stream", "model", "effects"])
def test_no_folder_or_file_of_the_product_is_too_long_to_find_one_s_way_in(folder: str) -> None:
    paths = modules(folder)
    crowded = {p.parent for p in paths if len(list(p.parent.glob("*.py"))) > 15}
    long = {p for p in paths if len(p.read_text(encoding="utf-8").splitlines()) > 400}
    assert not crowded | long


def test_the_package_at_the_top_works_on_no_pixels() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("u2cam")
        for name in imported(path)
        if name.split(".")[0] in {"cv2", "numba"} and path != ROOT / "u2cam" / "core" / "kernel.py"
    }
    assert not wrong
