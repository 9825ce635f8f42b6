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


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the documented layout: four photos to train on, two to validate on."""
    folder = tmp_path_factory.mktemp("portrait")
    rng = np.random.default_rng(0)
    for part in ("ccp/images", "ccp/masks", "humanseg/images", "humanseg/masks"):
        (folder / part).mkdir(parents=True)
    (folder / "backgrounds").mkdir()
    (folder / "cutouts").mkdir()
    for kind, names in (("ccp", ("0001", "0002", "0010", "0020")), ("humanseg", ("0007", "0010"))):
        for name in names:
            image, mask = draw_person(rng, 96, 80)
            cv2.imwrite(str(folder / kind / "images" / f"{name}.jpg"), image)
            cv2.imwrite(str(folder / kind / "masks" / f"{name}.png"), mask)
    image, mask = draw_person(rng, 60, 50)
    cv2.imwrite(str(folder / "cutouts" / "0000.png"), np.dstack((image, mask)))
    for index in range(12):
        scene = rng.integers(0, 255, (48, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / "backgrounds" / f"scene_{index:02d}.jpg"), scene)
    return folder


@pytest.fixture(scope="session")
def library(data_folder: Path) -> Library:
    """The training part of the folder."""
    return load_library(data_folder)


@pytest.fixture(scope="session")
def validation(data_folder: Path) -> Library:
    """The validation part of the folder."""
    return load_library(data_folder, validation=True)
