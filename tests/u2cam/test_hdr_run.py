"""A whole run that keeps high dynamic range, from clip to file, also after settings changed."""

from pathlib import Path

import av
import numpy as np
import pytest

import u2cam
from tests.color_science import hdr_signal
from tests.stream.sinks.test_deep_color import hdr_clip

SETTINGS = {
    "output": {"hdr": "keep", "crf": 8, "preset": "ultrafast"},
    "model": {"name": "grabcut"},
}


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_a_white_background_is_diffuse_white_in_the_file(tmp_path: Path, transfer: str) -> None:
    before = hdr_clip(tmp_path / "a.mkv", transfer, np.full((8, 3), 40.0))
    after = tmp_path / "b.mp4"
    u2cam.process(before, after, background="#ffffff", settings=SETTINGS)
    with av.open(str(after)) as media:
        frame = next(media.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        assert frame.format.name == "yuv420p10le"
        rows = np.frombuffer(frame.planes[0], np.uint16).reshape(64, -1)
    white = hdr_signal(np.full((1, 3), 255.0), transfer, "bt2020")[0, 0]
    assert abs((rows[:8, :8].mean() - 64) / 876 - white) < 0.01


def test_new_settings_keep_the_space_of_the_run(tmp_path: Path) -> None:
    before = hdr_clip(tmp_path / "a.mkv", "smpte2084")
    run = u2cam.Pipeline(before, tmp_path / "b.mp4", background="#ffffff", settings=SETTINGS)
    run.open()
    run.use_settings(SETTINGS)
    shown = run.parts.compositor.renderer.presentation.placeholder((64, 48), 0.0)
    run.run()
    assert 140 < shown.max() <= 149  # 58 % of PQ, by BT.2408
