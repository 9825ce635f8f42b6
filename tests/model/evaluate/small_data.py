"""A small data folder with people cut out, photographs and scenes of every split."""

import json
from pathlib import Path

import cv2
import numpy as np


def rgba_person(height: int = 110, width: int = 90) -> np.ndarray:
    image = np.zeros((height, width, 4), np.uint8)
    image[..., :3] = (60, 120, 200)
    alpha = np.zeros((height, width), np.uint8)
    cv2.ellipse(alpha, (width // 2, height // 3), (width // 5, height // 4), 0, 0, 360, 255, -1)
    cv2.ellipse(alpha, (width // 2, height), (width // 2, height // 2), 0, 0, 360, 255, -1)
    image[..., 3] = cv2.GaussianBlur(alpha, (0, 0), 1)
    return image


def write_scenes(folder: Path, count: int = 12) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(count):
        noise = rng.integers(0, 255, (90, 160, 3), np.uint8)
        cv2.imwrite(str(folder / f"scene_{index:03d}.jpg"), noise)


def write_keyed(folder: Path, count: int = 11) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"keyed_{number:04d}.webp"), rgba_person())


def write_photos(folder: Path) -> None:
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    person = rgba_person(220, 90)
    for number in (1, 10, 20):
        cv2.imwrite(str(folder / "images" / f"{number:04d}.jpg"), person[..., :3])
        mask = np.where(person[..., 3] > 127, 255, 0).astype(np.uint8)
        cv2.imwrite(str(folder / "masks" / f"{number:04d}.png"), mask)


def write_rendered(folder: Path) -> None:
    """A still with furniture and a clip of three frames in the test split, a still in train."""
    (folder / "test" / "c000000002").mkdir(parents=True)
    (folder / "train").mkdir()
    person = rgba_person(72, 128)
    for place in (
        "test/s000000001",
        "train/s000000003",
        *(f"test/c000000002/{i:02d}" for i in range(3)),
    ):
        cv2.imwrite(str(folder / f"{place}.webp"), person)
    furniture = np.zeros((72, 128, 4), np.uint8)
    furniture[40:, 40:90] = (0, 0, 0, 255)
    cv2.imwrite(str(folder / "test" / "s000000001.furniture.webp"), furniture)
    records = [
        {
            "name": "s000000001",
            "split": "test",
            "file": "test/s000000001.webp",
            "furniture file": "test/s000000001.furniture.webp",
            "tags": ["close", "sitting", "hat"],
        },
        {"name": "c000000002", "split": "test", "file": "test/c000000002", "tags": ["half"]},
        {"name": "s000000003", "split": "train", "file": "train/s000000003.webp", "tags": []},
        {"name": "s000000004", "split": "test", "rejected": "torn cloth"},
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "manifest.jsonl").write_text(lines + '{"name": "cut sh')
