"""The mattes that the authors published, from their images and their weights."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.settings import ModelSettings

IMAGES = ("bike.jpg", "girl.png", "hockey.png", "horse.jpg", "im_14.png", "long.jpg")


@pytest.fixture(scope="module")
def matter(shared_dir: Path) -> Matter:
    weights = shared_dir / "weights" / "u2netp.pth"
    if not weights.exists():
        pytest.skip("../shared/weights/u2netp.pth is not there")
    settings = ModelSettings(name=str(weights), device="cpu", precision="fp32", engine="torch")
    return build_matter(settings, still=True)


@pytest.mark.parametrize("name", IMAGES)
def test_still_matte_equals_the_published_one(matter: Matter, shared_dir: Path, name: str) -> None:
    folder = shared_dir / "conformance"
    image_bgr = cv2.imread(str(folder / "images" / name))
    published = cv2.imread(str(folder / "u2netp" / f"{Path(name).stem}.png"), cv2.IMREAD_GRAYSCALE)
    if image_bgr is None or published is None:
        pytest.skip(f"{name} is not in ../shared/conformance")
    image = np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.uint8)
    alpha = matter.matte(single_frame(image))
    height, width = published.shape
    resized = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
    wanted = published.astype(np.float32) / 255
    assert np.abs(resized - wanted).mean() <= 0.006
    ours, theirs = resized > 0.5, wanted > 0.5
    assert (ours & theirs).sum() / (ours | theirs).sum() >= 0.985
