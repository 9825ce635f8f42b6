from pathlib import Path

from scripts.api_text import api_text

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_docs_api_is_what_the_docstrings_say() -> None:
    written = (DOCS / "api.md").read_text(encoding="utf-8")
    assert written == api_text(), "run: python -m scripts.api_text > docs/api.md"
