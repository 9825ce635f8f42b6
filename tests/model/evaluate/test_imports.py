"""Training and evaluation share rooms and do not know each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MODEL = Path(__file__).resolve().parents[3] / "model"


def imported(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or ""
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("train", ["evaluate"]),
        ("evaluate", ["train"]),
        ("datasets", ["train", "evaluate", "candidates"]),
        ("candidates", ["train", "evaluate", "datasets"]),
    ],
)
def test_imports_run_one_way(folder: str, forbidden: list[str]) -> None:
    names = set(imported(MODEL / folder))
    assert names
    wrong = {name for name in names for other in forbidden if f"model.{other}" in name}
    assert not wrong
