"""The manifest: one line of JSON for each item that was tried, kept, rejected or failed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """NumPy values as JSON has them."""
    if isinstance(value, np.ndarray):
        return [plain(part) for part in value.tolist()]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, (str, int, type(None))):
        return value
    return str(value)


class Manifest:
    """`manifest.jsonl` of a folder. A line that a stop cut short is not an item."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "manifest.jsonl"
        self.records: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            text = self.path.read_text(encoding="utf-8")
            for line in text.splitlines():
                try:
                    record = json.loads(line)
                except json.JSONDecodeError:
                    continue
                self.records[record["name"]] = record
            if text and not text.endswith("\n"):
                with self.path.open("a", encoding="utf-8") as file:
                    file.write("\n")

    def has(self, name: str, since_version: int = 0) -> bool:
        """Whether an item was tried by this version of the code or a later one."""
        record = self.records.get(name)
        return record is not None and int(record["version"]) >= since_version

    def add(self, record: dict[str, Any]) -> None:
        """Append a record; the last record of a name counts."""
        clean = plain(record)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(clean, ensure_ascii=False) + "\n")
        self.records[clean["name"]] = clean

    def counts(self) -> dict[str, Counter[str]]:
        """How many pictures of each kind are there, and of these how many have each tag."""
        found: dict[str, Counter[str]] = {}
        for record in self.records.values():
            if "file" in record:
                count = found.setdefault(record["kind"], Counter())
                count.update(["all", *record.get("tags", [])])
        return found
