"""Every claim of "What goes in and out" in docs/troubleshooting.md, carried out."""

from pathlib import Path

import pytest

from scripts.in_out_table import DOCUMENT, TABLES, with_tables
from tests.u2cam.in_out.table import Check

CLAIMS = {name: check for table in TABLES for name, check in table.claims()}
pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("check", CLAIMS.values(), ids=CLAIMS.keys())
def test_what_the_document_says_happens(check: Check, tmp_path: Path) -> None:
    check(tmp_path)


def test_no_two_claims_have_one_name() -> None:
    assert len(CLAIMS) == sum(1 for table in TABLES for _ in table.claims())


def test_the_document_has_the_tables() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == with_tables(written), "run: python -m scripts.in_out_table"
