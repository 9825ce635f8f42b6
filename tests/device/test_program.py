"""The whole program, from the camera's device file to the virtual camera's."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.device.clients import opencv
from tests.device.conftest import VIRTUAL
from tests.device.scene import near, shows_room
from u2cam.stream.devices.cameras import list_cameras

ROOT = Path(__file__).resolve().parents[2]
GREEN = (0, 177, 64)
PATIENCE_S = 240.0


@pytest.mark.timeout(300)
def test_the_program_composites_the_camera_and_ends_with_ctrl_c(
    camera: str, tmp_path: Path
) -> None:
    stats = tmp_path / "stats.json"
    arguments = f"-i {camera} -o virtual --stats {stats} -m grabcut --width 320 --height 180"
    process = subprocess.Popen(
        [
            *(sys.executable, str(ROOT / "run_camera.py"), *arguments.split()),
            *("-b", "#00b140", "--set", f"virtual_camera.device={VIRTUAL}"),
            *("--set", "matting.mode=sync"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        begin_s = time.monotonic()
        person = False
        while not _is_offered(VIRTUAL):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() - begin_s < PATIENCE_S, "no virtual camera came"
            time.sleep(0.5)
        with opencv(VIRTUAL) as read:
            while not person:
                assert time.monotonic() - begin_s < PATIENCE_S, "no composite came"
                picture = read()
                assert picture.shape == (180, 320, 3)
                assert near(picture[5:15, 5:15], GREEN), picture[10, 10]
                room = np.concatenate([picture[:, :40], picture[:, -40:]], axis=1)
                assert not shows_room(np.ascontiguousarray(room))
                red, green, _blue = picture[150:170, 150:170].reshape(-1, 3).mean(axis=0)
                person = bool(red - green > 60)  # Colours are matched to the background.
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert process.returncode == 0, said
    assert "Traceback" not in said and stats.is_file()


def _is_offered(path: str) -> bool:
    return any(one.path == path for one in list_cameras())
