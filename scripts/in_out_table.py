"""The tables of "What goes in and out" in docs/troubleshooting.md.

    python -m scripts.in_out_table

They are made from the claims in `tests/u2cam/in_out`, each of which a test carries out; another
test holds the document against them.
"""

from pathlib import Path

from tests.u2cam.in_out.files import CODECS, FILES
from tests.u2cam.in_out.pictures import OF_PICTURES, PICTURES
from tests.u2cam.in_out.sound import SOUND_AND_TAGS, SOUNDS, SUBTITLES
from tests.u2cam.in_out.table import Table
from tests.u2cam.in_out.video import VIDEOS

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "troubleshooting.md"
TABLES: tuple[Table, ...] = (
    *(PICTURES, OF_PICTURES, VIDEOS, FILES, CODECS),
    *(SOUNDS, SUBTITLES, SOUND_AND_TAGS),
)
_BEGIN = "<!-- Written by `python -m scripts.in_out_table`; do not edit. -->\n"
_END = "<!-- End of what is written. -->\n"


def with_tables(document: str) -> str:
    """Return the document with the tables as they are now.

    Raises:
        SystemExit: the marks between which they stand are gone.
    """
    before, begins, rest = document.partition(_BEGIN)
    _, ends, after = rest.partition(_END)
    if not begins or not ends:
        raise SystemExit(f"scripts.in_out_table: {DOCUMENT.name} has lost its marks")
    tables = "\n".join(table.markdown() for table in TABLES)
    return f"{before}{_BEGIN}\n{tables}\n{_END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
