"""Care for v4l2loopback devices on Linux: written to again and again, watched by many.

A device made with `exclusive_caps=1` offers itself either to writers or to readers. v4l2loopback
0.12 (Debian 12, Ubuntu 22.04) does not go back to writers after a program that fed it with
`write`, as pyvirtualcam does: the next program hears that it is no output device, until the
module is loaded again. A file handle that was once used to start streaming does put it back when
it is closed, and that is what this module does. Later versions need no help and get none.

The same versions take the picture from everybody who watches when one more comes or goes:
`ClientBuffers` gives it back.
"""

import logging
import mmap
import os
import struct

from u2cam.stream.devices.cameras import ioctl, list_devices

log = logging.getLogger(__name__)

# linux/videodev2.h
_STREAMON = 0x40045612
_QUERYBUF = 0xC0585609
_BUF_TYPE_OUTPUT = struct.pack("i", 2)
_BUFFER = struct.Struct("<II4xI48xI20x")
"""The index, type, flags and offset of a `struct v4l2_buffer`, as 64-bit systems lay it out."""
_IS_MAPPED = 0x1
_MOST_BUFFERS = 32


def free_stuck_devices() -> None:
    """Before a run: offer those again that a program left neither to writers nor to readers."""
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


class ClientBuffers:
    """Keeps the pictures coming to those who watch while others come and go.

    v4l2loopback 0.12 forgets that its buffers are mapped whenever a client asks for buffers, as
    most do when they start and again when they stop, and answers everybody else's wait for a
    picture with "Invalid argument" (its issues 447 and 459). It remembers when anybody maps them.

    Called from the sink's thread. Where the module is of another kind nothing is done.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            log.debug("%s: left as it is: %s", path, error)

    def repair(self) -> None:
        """Mark as mapped what is not; before every picture, because the picture wakes clients."""
        if self._fd < 0:
            return
        try:
            seen: set[int] = set()
            for index in range(_MOST_BUFFERS):
                asked = _BUFFER.pack(index, 2, 0, 0)
                _index, _type, flags, offset = _BUFFER.unpack(ioctl(self._fd, _QUERYBUF, asked))
                # Past its last buffer the driver tells of the first again.
                if offset in seen:
                    break
                seen.add(offset)
                if not flags & _IS_MAPPED:
                    self._map(offset)
        except (OSError, ValueError) as error:
            log.debug("%s: buffers left as they are: %s", self._path, error)
            self.close()

    def _map(self, offset: int) -> None:
        # One page is enough to mark a buffer, and the mark outlives the map.
        mmap.mmap(self._fd, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ, offset=offset).close()

    def close(self) -> None:
        """Let go of the device. Idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
