"""Care for v4l2loopback devices on Linux, so that one can be written to again and again.

A device made with `exclusive_caps=1` offers itself either to writers or to readers. v4l2loopback
0.12 (Debian 12, Ubuntu 22.04) does not go back to writers after a program that fed it with
`write`, as pyvirtualcam does: the next program is told that it is no output device, until the
module is loaded again. A file handle that was once used to start streaming does put it back when
it is closed, and that is what this module does. Later versions need no help and get none.
"""

import logging
import os
import struct

from stream.cameras import ioctl, list_devices

log = logging.getLogger(__name__)

# linux/videodev2.h
_STREAMON = 0x40045612
_BUF_TYPE_OUTPUT = struct.pack("i", 2)


def free_stuck_devices() -> None:
    """Before a run: offer those again that somebody left neither to writers nor to readers."""
    for device in list_devices():
        stuck = not device.can_output and not device.can_capture and not device.problem
        if device.is_loopback and stuck and device.path is not None:
            offer_again(device.path)


def offer_after_writing(path: str) -> None:
    """After a run: offer the device that we wrote to, which has no writer now."""
    for device in list_devices():
        if device.is_loopback and device.path == path and not device.can_output:
            offer_again(path)


def offer_again(path: str) -> None:
    """Have a device without a writer offer itself to writers; no harm where it cannot."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        log.debug("%s: cannot be offered again: %s", path, error)
        return
    try:
        ioctl(fd, _STREAMON, _BUF_TYPE_OUTPUT)
    except OSError as error:
        # As it should: nothing can be streamed, but the handle now counts as a writer's.
        log.debug("%s: offered again (%s)", path, error)
    finally:
        os.close(fd)
