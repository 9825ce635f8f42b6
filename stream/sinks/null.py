"""A sink that takes pictures and drops them: `-o null`, to measure the rest of the pipeline."""

from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.picture_gate import require_format


class NullSink:
    """Counts pictures. Used from one thread, its sink's."""

    name = "null"
    paced = False
    live = False

    def __init__(self) -> None:
        self._format: PictureFormat | None = None
        self.pictures = 0
        """Pictures written since `open`."""

    def open(self, picture_format: PictureFormat) -> None:
        """Remember the format, for the check of each picture."""
        self._format = picture_format
        self.pictures = 0

    def write(self, picture: Picture) -> None:
        """Count the picture.

        Raises:
            SinkError: the sink is not open.
            ValueError: the picture is not of the opened format.
        """
        if self._format is None:
            raise SinkError("null: a picture came while the sink was not open")
        require_format(picture, self._format, self.name)
        self.pictures += 1

    def close(self, *, failed: bool) -> None:
        """Forget the format."""
        self._format = None
