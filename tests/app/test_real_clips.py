"""What an earlier network got wrong on real clips, with the shipped one and as in a run."""

from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.region_matter import RegionMatter
from model.build import build_matter
from model.matter import NetworkMatter
from model.settings import ModelSettings
from model.train.teacher import clip_frames


def test_a_black_plait_before_a_dark_curtain_stays(shared_dir: Path) -> None:
    clip = shared_dir / "clips" / "talk_d11.mp4"
    if not clip.exists():
        pytest.skip("../shared/clips/talk_d11.mp4 is not there")
    network = build_matter(ModelSettings(name="u2net_live", device="cpu"))
    assert isinstance(network, NetworkMatter)
    matter = RegionMatter(network)
    seen = []
    for index, frame in takewhile(lambda item: item[0] <= 150, clip_frames(clip, 1)):
        alpha = cv2.resize(matter.matte(frame), (frame.shape[1], frame.shape[0]))
        if index >= 138:
            seen.append(float(np.mean(alpha[300:370, 78:105])))
    # The weights before had 0.27 to 0.52 here.
    assert len(seen) == 13
    assert min(seen) > 0.9
