"""`docs/api.md`, written from the docstrings: `python -m scripts.api_text > docs/api.md`.

Reads the sources and runs none of them. A test holds the file against this text.
"""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import u2cam

HEAD = """\
# u2cam in Python

Written by `python -m scripts.api_text` from the docstrings; do not edit.
"""

GROUPS = {
    "Calls": ("cut_out", "Matter", "process", "Pipeline", "Progress"),
    "Settings": ("Settings",),
    "Sources": ("Source", "SourceInfo", "ColorTags", "Frame", "EndOfStream"),
    "Sinks": ("Sink", "PictureFormat", "Picture", "QuitRequested"),
}
"""Headings and the public names below each; errors come last, by themselves."""

SPECIAL = ("__init__", "__call__")
SECTION = re.compile(r"^(Args|Returns|Raises|Yields):(?: (.+))?$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def api_text() -> str:
    """Return the text of `docs/api.md`."""
    package = _parse("u2cam")
    homes = {
        alias.name: str(node.module)
        for node in ast.walk(package)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("u2cam.")
        for alias in node.names
    }
    shown = [name for names in GROUPS.values() for name in names]
    errors = [name for name in u2cam.__all__ if homes[name] == "u2cam.core.errors"]
    missing = set(u2cam.__all__) - set(shown) - set(errors)
    if missing:
        raise SystemExit(f"scripts.api_text: name a group for {', '.join(sorted(missing))}")
    lines = [HEAD, *_prose(package)]
    for heading, names in GROUPS.items():
        lines.append(f"## {heading}\n")
        for name in names:
            lines += _described(name, _parse(homes[name]))
    lines += ["## Errors\n", *_prose(_parse("u2cam.core.errors"))]
    return "\n".join(lines).rstrip() + "\n"


def _parse(module: str) -> ast.Module:
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def _described(name: str, module: ast.Module) -> Iterator[str]:
    """Yield the lines for a class or function of a module."""
    node = next(n for n in module.body if isinstance(n, ast.ClassDef | Function) and n.name == name)
    if isinstance(node, Function):
        yield f"### {name}\n"
        yield _signature(node, f"u2cam.{name}")
        yield from _prose(node)
        return
    yield f"### {name}\n"
    yield from _prose(node)
    fields = list(_fields(node.body))
    yield from (f"- `{text}`: {_joined(said)}" for text, said in fields)
    yield from [""] if fields else []
    for method in node.body:
        if not isinstance(method, Function) or not _is_public(method):
            continue
        kinds = {ast.unparse(decorator) for decorator in method.decorator_list}
        if "property" in kinds:
            kind = f": {ast.unparse(method.returns)}" if method.returns else ""
            yield f"```python\n{name.lower()}.{method.name}{kind}\n```\n"
        else:
            instance = name.lower()
            called = {"__init__": f"u2cam.{name}", "__call__": instance}
            yield _signature(method, called.get(method.name, f"{instance}.{method.name}"))
        yield from _prose(method)
        if method.name == "__init__":
            own = list(_fields(method.body))
            yield from (f"- `{text}`: {_joined(said)}" for text, said in own)
            yield from [""] if own else []


def _is_public(method: Function) -> bool:
    said = ast.get_docstring(method) is not None
    return said and (not method.name.startswith("_") or method.name in SPECIAL)


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield attributes that have a text below them, with their types where these are written."""
    for node, after in pairwise(body):
        if not isinstance(after, ast.Expr) or not isinstance(after.value, ast.Constant):
            continue
        if isinstance(node, ast.AnnAssign):
            target, kind = ast.unparse(node.target), f": {ast.unparse(node.annotation)}"
        elif isinstance(node, ast.Assign):
            target, kind = ast.unparse(node.targets[0]), ""
        else:
            continue
        target = target.removeprefix("self.")
        if not target.startswith("_"):
            yield target + kind, str(after.value.value)


def _signature(function: Function, called: str) -> str:
    arguments = function.args
    if arguments.args and arguments.args[0].arg in ("self", "cls"):
        arguments.args = arguments.args[1:]
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    returned = "" if function.name == "__init__" else returned
    text = f"{called}({ast.unparse(arguments).replace('=', ' = ')}){returned}"
    if len(text) > 96:
        # A comma that ends an argument is followed by a name, not by a type within brackets.
        text = re.sub(r"(?<=[\w\])*'\"]), (?=\*|\w+: )", ",\n    ", text.replace("(", "(\n    ", 1))
        text = re.sub(r"\)(?= -> [^()]*$|$)", ",\n)", text, count=1)
    return f"```python\n{text}\n```\n"


def _prose(node: ast.Module | ast.ClassDef | Function) -> Iterator[str]:
    """Yield a docstring as Markdown: drawings as code, sections as lists."""
    section = ""
    for block in _blocks(ast.get_docstring(node) or ""):
        first, _, rest = block.partition("\n")
        match = SECTION.match(first)
        if match is None:
            indented = block.startswith("    ") and not section
            text = "\n".join(line.removeprefix("    ") for line in block.splitlines())
            yield f"```text\n{text}\n```\n" if indented else block + "\n"
            continue
        section = match[1]
        yield f"*{section}*\n"
        if match[2] or section in ("Returns", "Yields"):
            yield f"{_joined((match[2] or '') + ' ' + rest)}\n"
            continue
        for item in re.split(r"\n(?=    \S)", "\n" + rest)[1:]:
            name, _, said = item.strip().partition(": ")
            yield f"- `{name}`: {_joined(said)}"
        yield ""


def _blocks(text: str) -> list[str]:
    """Return the paragraphs; what is indented and divided by empty lines only is one."""
    blocks: list[str] = []
    for block in text.split("\n\n"):
        if blocks and all(part.startswith("    ") for part in (blocks[-1], block)):
            blocks[-1] += f"\n\n{block}"
        else:
            blocks.append(block)
    return blocks


def _joined(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    print(api_text(), end="")
