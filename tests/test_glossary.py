"""The field's words, and no language of our own: CONTRIBUTING.md has the glossary."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "u2cam",
    "imaging",
    "stream",
    "model",
    "effects",
    "bench",
    "examples",
    "tests",
    "docs",
    "scripts",
)
FILES = (
    "README.md",
    "CONTRIBUTING.md",
    "config.toml",
    "Makefile",
    "run_camera.py",
    "pyproject.toml",
)
SUFFIXES = {".py", ".md", ".toml", ".service", ".html", ".js"}
EXEMPT = (ROOT / "docs" / "research", Path(__file__).resolve())
"""The notebook is dated and never edited; this file has to name the words."""

PRIVATE_WORDS = {
    r"\btold\b": "previous matte, recurrent input; or: said",
    r"\bglanc\w*|\bafresh\b|second look|\b[Ll]ooks\(|\b_look\b|\blook_every\b": "pass",
    r"\bremembered\b": "recurrent input, fed back",
    r"\b[Nn]obody\b|\b[Ss]omebody\b": "background, person",
    r"\bsurely\b|\bbelie(f|ve|ves|ved)\b": "confidence, label weight",
    r"\bsittings\b": "training runs, fine-tuning stages",
    r"--view (whole|lost|kept|far|alike|beside|streaked|loose|bars)\b|\bstreaked\b": "a new name",
    r"\b[Tt]wins?\b": "GPU implementation; portrait orientation",
    r"\b[Hh]olding[ _]picture": "placeholder",
    r"\b[Rr]esident_\w+|\bResident\w*|resident (path|loop|run)": "frames that stay on the GPU",
    r"\b[Tt]rouble\b|\b[Oo]utages?\b": "failure policy, retry policy",
    r"\bmend(s|ed|ing)?\b": "repair, fix",
    r"\b(give|gives|gave|giving)[ _]way\b": "degrade",
    r"\blapses?\b|\bsteadiness\b|\bsurroundings\.py\b|\bthickets?\b": "hard_examples, "
    "temporal_consistency, background_leaks, distractors",
}


def texts() -> list[Path]:
    found = [ROOT / name for name in FILES if (ROOT / name).exists()]
    for folder in FOLDERS:
        found += [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix in SUFFIXES]
    assert len(found) > 100
    return [p for p in found if not any(p == e or e in p.parents for e in EXEMPT)]


@pytest.mark.parametrize("pattern", PRIVATE_WORDS)
def test_a_word_that_only_we_use_is_not_used(pattern: str) -> None:
    expression = re.compile(pattern)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if expression.search(line)
    ]
    assert not found, f"write {PRIVATE_WORDS[pattern]!r} instead:\n" + "\n".join(found)
