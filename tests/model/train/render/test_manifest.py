"""The manifest: what was tried is known again after a stop."""

import json
from pathlib import Path

import numpy as np

from u2cam.model.train.render.manifest import Manifest


def test_items_are_known_again(tmp_path: Path) -> None:
    Manifest(tmp_path).add({"name": "s1", "version": 1, "split": "train"})
    again = Manifest(tmp_path)
    assert again.has("s1")
    assert not again.has("s2")


def test_items_of_older_code_can_be_done_again(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add({"name": "s1", "version": 1})
    assert not manifest.has("s1", since_version=2)
    manifest.add({"name": "s1", "version": 2, "rejected": "skin"})
    assert Manifest(tmp_path).has("s1", since_version=2)
    assert Manifest(tmp_path).records["s1"]["rejected"] == "skin"


def test_a_line_cut_short_by_a_stop_is_not_an_item(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add({"name": "s1", "version": 1})
    with manifest.path.open("a") as file:
        file.write('{"name": "s2", "ver')
    again = Manifest(tmp_path)
    assert again.has("s1")
    assert not again.has("s2")
    again.add({"name": "s3", "version": 1})
    assert set(Manifest(tmp_path).records) == {"s1", "s3"}


def test_records_are_plain_json(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.add(
        {
            "name": "s1",
            "version": 1,
            "color": np.array([0.1, 0.2]),
            "count": np.int64(3),
            "hidden": np.bool_(True),
            "long": 1 / 3,
            "arms": ("desk", "lap"),
        }
    )
    record = json.loads(manifest.path.read_text())
    assert record["color"] == [0.1, 0.2]
    assert record["count"] == 3
    assert record["hidden"] is True
    assert record["long"] == 0.3333
    assert record["arms"] == ["desk", "lap"]


def test_pictures_are_counted_by_kind_and_tag_without_rejected_ones(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    for name, kind, tags in (("r1", "room", ["sofa", "shelf"]), ("r2", "room", ["sofa"])):
        manifest.add({"name": name, "kind": kind, "version": 3, "tags": tags, "file": name})
    manifest.add({"name": "n1", "kind": "negative", "version": 3, "tags": [], "rejected": "empty"})
    assert Manifest(tmp_path).counts() == {"room": {"all": 2, "sofa": 2, "shelf": 1}}
