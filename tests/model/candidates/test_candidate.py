"""Opening networks, ours and others, behind one interface."""

from pathlib import Path

import numpy as np
import pytest

from u2cam.model.candidates.candidate import open_candidate, open_peers
from u2cam.model.candidates.rvm import RvmCandidate

READER = """
import numpy as np

class Rvm:
    def __init__(self, folder):
        self.frames = 0

    def forget(self):
        self.frames = 0

    def __call__(self, rgb, ratio):
        self.frames += 1
        return np.full(rgb.shape[:2], ratio * self.frames, np.float32), None
"""


def write_reader(folder: Path) -> None:
    folder.mkdir()
    (folder / "rvm.py").write_text(READER)


def test_rvm_keeps_its_state_until_it_is_reset(tmp_path: Path) -> None:
    write_reader(tmp_path / "rvm")
    network = RvmCandidate(tmp_path / "rvm")
    frame = np.zeros((36, 1024, 3), np.uint8)
    assert [float(network.matte(frame)[0, 0]) for _ in range(2)] == [0.5, 1.0]
    network.reset()
    assert network.matte(frame)[0, 0] == 0.5


def test_rvm_gets_small_frames_as_they_are(tmp_path: Path) -> None:
    write_reader(tmp_path / "rvm")
    assert RvmCandidate(tmp_path / "rvm").matte(np.zeros((36, 64, 3), np.uint8))[0, 0] == 1


def test_a_folder_of_peers_is_opened_by_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"wanted rvm/rvm\.py or \.tflite"):
        open_peers(tmp_path)
    write_reader(tmp_path / "rvm")
    assert [peer.name for peer in open_peers(tmp_path)] == ["RVM"]
    (tmp_path / "rvm" / "rvm.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"rvm\.py: wanted the reader"):
        open_peers(tmp_path)


def test_unknown_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        open_candidate("u3net", still=True)


def test_missing_baseline_network_is_named(tmp_path: Path) -> None:
    for suffix in ("tflite", "onnx"):
        with pytest.raises(FileNotFoundError, match=f"none.{suffix}"):
            open_candidate(str(tmp_path / f"none.{suffix}"), still=True)
