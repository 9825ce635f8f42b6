"""The command line answers bad input with one line, and the package stays by itself."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from u2cam.model.train.render.__main__ import main

PACKAGE = Path(__file__).parents[4] / "model" / "train" / "render"
NEEDS = {"numpy", "scipy", "PIL", "bpy", "mathutils"}


def _scenes(folder: Path) -> Path:
    folder.mkdir()
    (folder / "room.jpg").write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"--size": "big"}, "--size big: want WIDTHxHEIGHT"),
        ({"--scenes": "missing"}, "--scenes missing: no such folder"),
        ({"--panoramas": "missing"}, "--panoramas missing: no such folder"),
        ({"--portraits": "missing"}, "--portraits missing: no such folder"),
        ({"--force": "{"}, "--force: not JSON"),
        ({"--force": "[]"}, "want a JSON object"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(
    change: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"--assets": str(tmp_path), "--scenes": str(_scenes(tmp_path / "scenes")), **change}
    arguments = [word for pair in given.items() for word in pair]
    assert main([str(tmp_path / "out"), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("bpy") is not None, reason="bpy is installed")
def test_without_blender_the_user_is_told_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes = _scenes(tmp_path / "scenes")
    arguments = [str(tmp_path / "out"), "--assets", str(tmp_path), "--scenes", str(scenes)]
    assert main(arguments) == 2
    assert "docs/rendering.md" in capsys.readouterr().err


def test_the_package_imports_nothing_else_of_the_project() -> None:
    import ast

    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name.split(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                # Dots lead up to the package at most.
                assert node.level <= len(path.relative_to(PACKAGE).parts), path
                names = [] if node.level else [(node.module or "").split(".")[0]]
            else:
                continue
            for name in names:
                assert name in NEEDS or name in sys.stdlib_module_names, f"{path}: {name}"


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, model.train.render.__main__;"
        "print([m for m in ('torch', 'cv2', 'bpy', 'pydantic') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parents[2],
        timeout=50,
    )
    assert out.stdout.strip() == "[]"
