import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.media import read_rgb
from u2cam.cli import signals
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(120)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_sighup_reads_the_background_again_without_losing_a_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    monkeypatch.setattr(signals, "has_terminal", lambda: False)
    wall, out = tmp_path / "wall.png", tmp_path / "out.mkv"
    cv2.imwrite(str(wall), np.full((90, 160, 3), (0, 0, 255), np.uint8))

    def repaint() -> None:
        # Until some frames are through; the run lasts longer than that.
        while not (tmp_path / ".out.mkv.part").exists():
            time.sleep(0.01)
        cv2.imwrite(str(wall), np.full((90, 160, 3), (255, 0, 0), np.uint8))
        os.kill(os.getpid(), signal.SIGHUP)

    painter = threading.Thread(target=repaint)
    painter.start()
    argv = ["-i", "demo", "-o", str(out), "-b", str(wall), "-m", "grabcut", "--frames", "60"]
    code = main([*argv, "--set", "output.preset=ultrafast"])
    painter.join()
    corners = [frame[:9, :9].reshape(-1, 3).mean(axis=0) for frame in read_rgb(out)]
    assert code == 0
    assert len(corners) == 60
    assert corners[-1][2] > 200 > corners[-1][0]
