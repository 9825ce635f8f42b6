"""Command line: `python -m model.train.render OUT --assets FOLDER --scenes FOLDER ...`.

A run can be stopped at any time and goes on where it was: an item is in the manifest only when its
pictures are whole.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import remove_item, save_clip, save_picture
from .items import FOLDERS, Item, items
from .manifest import Manifest
from .version import VERSION, source_digest

if TYPE_CHECKING:
    from .assets.base_mesh import BaseMesh
    from .scene.blender import Quality

PHOTOGRAPHS = (".jpg", ".jpeg", ".png", ".webp")


class UsageError(ValueError):
    """What was asked for cannot be done; its text is one line for the user."""


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m model.train.render", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write to; a run goes on where it was")
    parser.add_argument("--assets", type=Path, required=True, help="unpacked MakeHuman assets")
    parser.add_argument("--scenes", type=Path, required=True, help="photographs without people")
    parser.add_argument("--stills", type=int, default=0, help="how many stills are tried")
    parser.add_argument("--clips", type=int, default=0, help="how many clips are tried")
    parser.add_argument("--rooms", type=int, default=0, help="how many empty rooms are tried")
    parser.add_argument(
        "--negatives", type=int, default=0, help="how many pictures of what looks like people"
    )
    parser.add_argument("--panoramas", type=Path, help="folder of .hdr, for windows and negatives")
    parser.add_argument(
        "--portraits",
        type=Path,
        action="append",
        default=[],
        help="folder of pictures of people, for posters and screens of negatives; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=1, help="number of the run")
    parser.add_argument("--size", default="512x288", help="width x height in pixels")
    parser.add_argument("--color-samples", type=int, default=8, help="samples of colour")
    parser.add_argument("--alpha-samples", type=int, default=200, help="most samples of alpha")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--redo-before",
        type=int,
        default=0,
        metavar="VERSION",
        help="render items of older versions of the code again",
    )
    parser.add_argument(
        "--force", default="{}", help='JSON of draws by name for trials: {"hair/style": "locs"}'
    )
    return parser.parse_args(argv)


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) >= 64 for part in parts):
        raise UsageError(f"--size {text}: want WIDTHxHEIGHT of at least 64 pixels, as in 512x288")
    return int(parts[0]), int(parts[1])


def _files(option: str, folder: Path, endings: Sequence[str]) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{option} {folder}: no such folder; give a folder of pictures")
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in endings and ".furniture" not in path.name
    )
    if not found:
        raise UsageError(f"{option} {folder}: no pictures ({', '.join(endings)}) in it")
    return found


def _forced(text: str) -> dict[str, Any]:
    try:
        forced = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"--force: not JSON ({error})") from None
    if not isinstance(forced, dict):
        raise UsageError('--force: want a JSON object, as in {"hair/style": "locs"}')
    return forced


@dataclass(frozen=True)
class Inputs:
    """What items are rendered from."""

    base: BaseMesh
    scenes: list[Path]
    panoramas: list[Path]
    portraits: list[Path]
    forced: dict[str, Any]


def render_item(item: Item, inputs: Inputs, quality: Quality, out: Path) -> dict[str, Any]:
    """Render one item into its folder; returns its record."""
    started, cpu = time.monotonic(), time.process_time()
    remove_item(out / item.folder, item.name)
    scratch = out / f".scratch-{os.getpid()}.exr"
    make = _render_scene if item.kind in FOLDERS else _render_people
    record = make(item, inputs, quality, out, scratch)
    record["cpu_s"] = time.process_time() - cpu
    record["wall_s"] = time.monotonic() - started
    return record


def _render_people(
    item: Item, inputs: Inputs, quality: Quality, out: Path, scratch: Path
) -> dict[str, Any]:
    """Render a still or a clip of people."""
    from .scene.shot import build, render

    shot = build(inputs.base, item, inputs.scenes, quality, inputs.forced)
    result = render(shot, quality, scratch)
    record: dict[str, Any] = {**result.facts}
    folder = out / item.folder
    if result.rejected is not None:
        record["rejected"] = result.rejected
        return record
    if item.kind == "still":
        path = folder / f"{item.name}.webp"
        record["bytes"] = save_picture(path, result.frames[0])
    else:
        path = folder / item.name
        record["bytes"] = save_clip(path, result.frames)
    record["file"] = path.relative_to(out).as_posix()
    if result.furniture is not None:
        layer = folder / f"{item.name}.furniture.webp"
        save_picture(layer, result.furniture)
        record["furniture file"] = layer.relative_to(out).as_posix()
    return record


def _render_scene(
    item: Item, inputs: Inputs, quality: Quality, out: Path, scratch: Path
) -> dict[str, Any]:
    """Render a room or a negative: a whole picture without people."""
    from .room.catalog import Kit
    from .room.stage import Scenery, render_room
    from .things.pictures import Pictures

    kit = Kit(inputs.base, Pictures(inputs.scenes, inputs.portraits))
    view = render_room(item, Scenery(kit, inputs.panoramas), quality, scratch, inputs.forced)
    record: dict[str, Any] = {**view.facts}
    if view.rgb is None:
        record["rejected"] = view.rejected
        return record
    path = out / item.folder / f"{item.name}.webp"
    record["bytes"] = save_picture(path, view.rgb)
    record["file"] = path.relative_to(out).as_posix()
    return record


def run(arguments: argparse.Namespace) -> None:
    """Render what the manifest lacks."""
    width, height = _size(arguments.size)
    scenes = _files("--scenes", arguments.scenes, PHOTOGRAPHS)
    panoramas = _files("--panoramas", arguments.panoramas, (".hdr",)) if arguments.panoramas else []
    portraits = [
        path
        for folder in arguments.portraits
        for path in _files("--portraits", folder, PHOTOGRAPHS)
    ]
    forced = _forced(arguments.force)
    try:
        from .assets.base_mesh import AssetError, BaseMesh
        from .scene.blender import Quality
    except ModuleNotFoundError as error:
        raise UsageError(
            f"module {error.name} is missing: rendering needs an environment with "
            "bpy==4.5.*, numpy, scipy and pillow (docs/rendering.md)"
        ) from None
    try:
        base = BaseMesh(arguments.assets)
    except AssetError as error:
        raise UsageError(str(error)) from None
    quality = Quality(
        width, height, arguments.color_samples, arguments.alpha_samples, arguments.threads
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(arguments.out)
    digest = source_digest()
    inputs = Inputs(base, scenes, panoramas, portraits, forced)
    counts = (arguments.stills, arguments.clips, arguments.rooms, arguments.negatives)
    for item in items(arguments.seed, *counts):
        if manifest.has(item.name, arguments.redo_before):
            continue
        head = {
            "name": item.name,
            "kind": item.kind,
            "seed": item.seed,
            "split": item.split,
            "version": VERSION,
            "source": digest,
        }
        try:
            record = render_item(item, inputs, quality, arguments.out)
        except Exception as error:  # one bad draw must not end a run of days
            traceback.print_exc()
            record = {"error": f"{type(error).__name__}: {error}"}
        record["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        manifest.add({**head, **record})
        state = record.get("rejected") or record.get("error") or record["file"]
        print(f"{item.name} {record.get('cpu_s', 0):.1f} s: {state}", flush=True)
    for kind, tags in manifest.counts().items():
        print(f"{kind}: " + ", ".join(f"{tag} {count}" for tag, count in tags.most_common()))


def main(argv: Sequence[str] | None = None) -> int:
    """Run; returns the exit code."""
    try:
        run(_arguments(argv))
    except UsageError as error:
        print(f"render: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
