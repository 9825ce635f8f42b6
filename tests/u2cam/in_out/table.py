"""Tables whose cells are claims that can be carried out, and their Markdown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Check = Callable[[Path], None]
"""Carries a claim out in an empty folder; fails where it does not hold."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the document says, and what shows that it is so."""

    says: str
    check: Check | None
    """None where nothing is claimed."""


NONE = Cell("none", None)
"""There is no other choice."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of file, and what happens to it."""

    what: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one heading."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Row]

    def claims(self) -> Iterator[tuple[str, Check]]:
        """Yield a name and the check of every cell that claims something."""
        for row in self.rows:
            assert len(row.cells) == len(self.columns) - 1, row.what
            for column, cell in zip(self.columns[1:], row.cells, strict=True):
                if cell.check is not None:
                    yield f"{self.columns[0]}: {row.what}: {column}", cell.check

    def markdown(self) -> str:
        """Return heading and table."""
        lines = [self.columns, ["---"] * len(self.columns)]
        lines += [[row.what, *(cell.says for cell in row.cells)] for row in self.rows]
        return "\n".join([self.heading, "", *(f"| {' | '.join(line)} |" for line in lines), ""])
