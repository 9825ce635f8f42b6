"""Pictures to anywhere: a sink of one's own, here one that measures brightness.

`python examples/own_sink.py talk.mp4`, or `demo` in place of a file.
"""

import sys

import u2cam


class Brightness(u2cam.Sink):
    """Keeps the mean of every picture. All calls come from one thread, the sink's own."""

    def __init__(self) -> None:
        """Begin without pictures."""
        self.means: list[float] = []
        self.placeholders = 0

    @property
    def name(self) -> str:
        """For messages and statistics."""
        return "brightness"

    @property
    def paced(self) -> bool:
        """Return False: it needs no picture at fixed times, as a device would."""
        return False

    @property
    def live(self) -> bool:
        """Return False: there is no viewer to keep rate and latency for."""
        return False

    def open(self, picture_format: u2cam.PictureFormat) -> None:
        """Get ready; raise SinkError with one line where that is not possible."""
        width, height = picture_format.size_wh
        print(f"pictures of {width}x{height} at {float(picture_format.rate):g} a second")

    def write(self, picture: u2cam.Picture) -> None:
        """Take one picture (H, W, 3) uint8 RGB; raise QuitRequested to end the run."""
        self.means.append(float(picture.image.mean()))
        self.placeholders += picture.placeholder

    def close(self, *, failed: bool) -> None:
        """Finish; `failed` where the run did."""


def main(source: str = "demo", frames: int = 30, model: str | None = None) -> Brightness:
    """Run a file, or `demo`, into the sink."""
    sink = Brightness()
    run = u2cam.Pipeline(source, sink, background="studio", model=model, frames=frames)
    run.run()
    print(f"{len(sink.means)} pictures, brightness {sum(sink.means) / len(sink.means):.0f} of 255")
    return sink


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo")
