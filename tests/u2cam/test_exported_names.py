"""The public names of the package: what others may build on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import u2cam
from u2cam.core import errors

SOURCE = Path(u2cam.__file__).read_text(encoding="utf-8")

PUBLIC = [
    "BackgroundError",
    "ColorTags",
    "DeviceError",
    "DownloadError",
    "EndOfStream",
    "EngineError",
    "Frame",
    "HashError",
    "MatteError",
    "Matter",
    "NotAVideoError",
    "Picture",
    "PictureFormat",
    "Pipeline",
    "Progress",
    "QuitRequested",
    "Settings",
    "SettingsError",
    "Sink",
    "SinkError",
    "SinkLost",
    "Source",
    "SourceError",
    "SourceInfo",
    "SourceLost",
    "TooLargeError",
    "U2camError",
    "UsageError",
    "WeightsError",
    "WrongTypeError",
    "cut_out",
    "process",
]


def test_the_public_names_are_these() -> None:
    assert u2cam.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(u2cam))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(u2cam, name)
    assert value.__name__ == name
    assert value.__doc__


def test_type_checkers_find_every_name_where_it_is_imported_from() -> None:
    (block,) = [
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    homes = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(homes) == sorted(PUBLIC)
    for name, module in homes.items():
        assert u2cam._HOMES.get(name, "u2cam.core.errors") == module


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Mater'"):
        _ = u2cam.Mater  # type: ignore[attr-defined]


def test_every_error_is_public_and_has_one_root() -> None:
    own = {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert set(own) <= set(PUBLIC)
    assert all(issubclass(value, u2cam.U2camError) for value in own.values())
    assert all(
        issubclass(value, OSError | ValueError)
        for name, value in own.items()
        if name != "U2camError"
    )


def test_the_drawn_tree_is_that_of_the_classes() -> None:
    lines = re.findall(r"^    ([│├└─ ]*)(\w+)(?: \((\w+)\))?(?=  |$)", errors.__doc__ or "", re.M)
    assert [(name, len(stem) // 4, base) for stem, name, base in lines] == list(tree())


def tree(root: type = errors.U2camError, depth: int = 0) -> Iterator[tuple[str, int, str]]:
    """Yield the name of each error, how deep it is below the root, and its built-in base."""
    bases = [base.__name__ for base in root.__bases__ if base.__module__ == "builtins"]
    yield root.__name__, depth, "".join(bases) if depth else ""
    for below in root.__subclasses__():
        yield from tree(below, depth + 1)
