"""A palette of its own for every picture of a GIF. Runs in the sink's thread."""

from fractions import Fraction

from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame


class GifPalette:
    """Reduces pictures to 256 colours chosen for each, with error diffusion.

    Args:
        size_wh: of the pictures.
        time_base: of their pts.
        alpha: True for RGBA: one colour is then kept for what is less than half opaque.
    """

    def __init__(self, size_wh: tuple[int, int], time_base: Fraction, *, alpha: bool) -> None:
        graph = Graph()
        width, height = size_wh
        source = graph.add_buffer(
            width=width,
            height=height,
            format=VideoFormat("rgba" if alpha else "rgb24", width, height),
            time_base=time_base,
        )
        split = graph.add("split")
        generate = graph.add("palettegen", f"stats_mode=single:reserve_transparent={int(alpha)}")
        use = graph.add("paletteuse", "new=1:dither=sierra2_4a")
        sink = graph.add("buffersink")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(generate, 1, 0)
        generate.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()
        self._graph = graph

    def apply(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame (rgb24 or rgba) as pal8 with the same pts and duration."""
        self._graph.vpush(frame)
        reduced = self._graph.vpull()
        reduced.pts, reduced.duration = frame.pts, frame.duration
        if frame.time_base is not None:
            reduced.time_base = frame.time_base
        return reduced
