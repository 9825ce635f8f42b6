"""A data folder of drawn people, small enough to train on in a test."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.photo_library import Library, load_library


def draw_person(rng: np.random.Generator, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A round head on shoulders before a noisy wall, with its mask."""
    image = rng.integers(0, 90, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 2, height // 3), height // 6, 255, -1)
    cv2.ellipse(mask, (width // 2, height), (width // 3, height // 2), 0, 0, 360, 255, -1)
    image[mask > 0] = rng.integers(120, 255, 3)
    return image, mask


def write_cut_out(path: Path, rng: np.random.Generator, shift_px: int = 0) -> None:
    """A person with a soft edge, RGBA WebP."""
    image, mask = draw_person(rng, 72, 64)
    mask = np.roll(cv2.GaussianBlur(mask, (0, 0), 1.5), shift_px, axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.dstack((image, mask)), [cv2.IMWRITE_WEBP_QUALITY, 101])


def write_folder(folder: Path) -> None:
    """Write every set: some pictures of each to train on, and some to validate on."""
    rng = np.random.default_rng(0)
    for kind, names in (("ccp", ("0001", "0002", "0010", "0020")), ("humanseg", ("0007",))):
        for part in ("images", "masks"):
            (folder / kind / part).mkdir(parents=True)
        for name in names:
            image, mask = draw_person(rng, 96, 80)
            cv2.imwrite(str(folder / kind / "images" / f"{name}.jpg"), image)
            cv2.imwrite(str(folder / kind / "masks" / f"{name}.png"), mask)
    for number in (1, 2, 5):
        write_cut_out(folder / "keyed" / f"keyed_{number:04d}.webp", rng)
    for split, names in (("train", ("s1", "s2", "s7")), ("test", ("s3",))):  # By hash: s7.
        for name in names:
            write_cut_out(folder / "rendered" / split / f"{name}.webp", rng)
        for name in (f"c{split}", "c4") if split == "train" else (f"c{split}",):  # By hash: c4.
            for index in range(4):
                frame = folder / "rendered" / split / name / f"{index:02d}.webp"
                write_cut_out(frame, rng, index)
    furniture = np.zeros((72, 64, 4), np.uint8)
    furniture[50:, :, 1::2] = 255
    for name in ("s1", "ctrain"):
        cv2.imwrite(str(folder / "rendered/train" / f"{name}.furniture.webp"), furniture)
    (folder / "backgrounds").mkdir()
    for index in range(12):
        scene = rng.integers(0, 255, (48, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / "backgrounds" / f"scene_{index:03d}.jpg"), scene)
    (folder / "panoramas").mkdir()
    for name in ("hall", "lab"):
        light = np.exp(rng.normal(0, 1, (32, 64, 3))).astype(np.float32)
        cv2.imwrite(str(folder / "panoramas" / f"{name}.hdr"), light)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the documented layout."""
    folder = tmp_path_factory.mktemp("portrait")
    write_folder(folder)
    return folder


@pytest.fixture(scope="session")
def library(data_folder: Path) -> Library:
    """The training part of the folder."""
    return load_library(data_folder)


@pytest.fixture(scope="session")
def validation(data_folder: Path) -> Library:
    """The validation part of the folder."""
    return load_library(data_folder, "validation")
