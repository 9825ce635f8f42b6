"""A camera that can be plugged in and out: the kernel's own test camera, `vivid`.

Unlike a loopback device it has sizes and rates to choose from, one program at a time may take its
pictures, and it can be lost under a program that reads it, as a USB camera is.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LINK = Path("/dev/v4l/by-id/usb-Test_Vivid_0001-video-index0")
"""What udev would make; the guest has none."""

UNPLUGGED = Path("/dev/unplugged")


@contextmanager
def plugged_in(index: int) -> Iterator[str]:
    """Have the camera as `/dev/videoINDEX`; plugged out at the end, if it still is in."""
    plug_in(index)
    try:
        yield f"/dev/video{index}"
    finally:
        plug_out()


def plug_in(index: int) -> None:
    """Load the driver, so that its camera gets this index."""
    # One input, a webcam (0), which has one node, for capture (1).
    options = ("n_devs=1", "num_inputs=1", "input_types=0", "node_types=1", f"vid_cap_nr={index}")
    subprocess.run(["rmmod", "vivid"], capture_output=True, timeout=30)  # Of a test that failed.
    module = Path(os.environ["HOME"]) / "vivid.ko"
    subprocess.run(["insmod", module, *options], check=True, timeout=30)
    LINK.parent.mkdir(parents=True, exist_ok=True)
    LINK.unlink(missing_ok=True)
    LINK.symlink_to(f"../../video{index}")


def plug_out() -> None:
    """Take the camera away, from under whoever reads it, and wait until it is let go of."""
    if not LINK.is_symlink():
        return
    # The name goes first, as `vivid` is there again as soon as no program has it open.
    LINK.resolve().rename(UNPLUGGED)
    LINK.unlink()
    tell = ["v4l2-ctl", "-d", str(UNPLUGGED), "-c", "disconnect=1"]
    subprocess.run(tell, check=True, timeout=30, capture_output=True)
    deadline_s = time.monotonic() + 60
    while subprocess.run(["rmmod", "vivid"], capture_output=True, timeout=30).returncode != 0:
        assert time.monotonic() < deadline_s, "a program keeps a camera open that is gone"
        time.sleep(0.2)
    UNPLUGGED.unlink()
