"""PNG and JPEG pictures that follow one another in a pipe, separated by their own structure.

Layouts: PNG (ISO 15948) ends with its chunk IEND, JPEG (ITU-T T.81) with the marker EOI.
"""

import re

from u2cam.core.errors import SourceError, TooLargeError
from u2cam.stream.media.pipes.names import INPUT
from u2cam.stream.media.pipes.reader import PipeReader

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_STEP_BYTES = 2**16
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Within coded data: neither a stuffed byte nor a restart nor padding."""
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers that no length follows."""
_START_OF_SCAN, _END_OF_IMAGE, _APP2 = 0xDA, 0xD9, 0xE2


class PictureSplitter:
    """Takes pictures from a pipe, one by one.

    Args:
        pipe: at the beginning of a picture.
        most_bytes: no picture is longer.
    """

    def __init__(self, pipe: PipeReader, most_bytes: int) -> None:
        self._pipe = pipe
        self._most_bytes = most_bytes

    def next(self) -> bytes | None:
        """Return the next picture's bytes; cut off where the pipe is; None at the end.

        Raises:
            TooLargeError: it is longer than allowed.
            SourceError: something else follows a picture.
        """
        start = self._pipe.peek(len(_PNG))
        if not start:
            return None
        if start == _PNG:
            return self._pipe.read_whole(self._png_bytes())
        if start.startswith(_JPEG):
            return self._pipe.read_whole(self._jpeg_bytes())
        raise SourceError(f"{INPUT}: what follows a picture is neither PNG nor JPEG")

    def ends(self) -> bool:
        """True where no other picture follows; waits until that is known."""
        start = self._pipe.peek(len(_PNG))
        return start != _PNG and not start.startswith(_JPEG)

    def _png_bytes(self) -> int:
        at = len(_PNG)
        while True:
            chunk = self._upto(at + 8, at)
            if len(chunk) < 8:
                return at + len(chunk)
            at += 12 + int.from_bytes(chunk[:4], "big")
            if chunk[4:] == b"IEND":
                return at

    def _jpeg_bytes(self) -> int:
        at = len(_JPEG)
        while True:
            marker = self._upto(at + 4, at)
            if len(marker) < 2 or marker[0] != 0xFF:
                return at + len(marker)  # cut off or damaged: its decoder says so
            if marker[1] == 0xFF:
                at += 1
            elif marker[1] == _END_OF_IMAGE:
                return at + 2
            elif marker[1] in _BARE:
                at += 2
            else:
                at += 2 + int.from_bytes(marker[2:4], "big")
                if marker[1] == _START_OF_SCAN:
                    at = self._after_scan(at)

    def _after_scan(self, at: int) -> int:
        """Return where the marker behind coded data stands; the end of the pipe without one."""
        while True:
            data = self._upto(at + _STEP_BYTES, at)
            found = _MARKER.search(data)
            if found is not None:
                return at + found.start()
            if len(data) < _STEP_BYTES:
                return at + len(data)
            at += len(data) - 1  # the last byte may be half a marker

    def _upto(self, count: int, skip: int) -> bytes:
        if count > self._most_bytes:
            raise TooLargeError(
                f"{INPUT}: a picture of more than {self._most_bytes / 1e6:.0f} MB is more than "
                "limits.max_megapixels allows; set it higher if you trust its writer"
            )
        return self._pipe.peek(count, skip)
