"""Charts in high dynamic range, wide gamuts and standard range, as clips."""

from pathlib import Path

from tests.color_science import CHART, Numbers, chart_planes, hdr_signal
from tests.media import Clip

NUMBER = {"bt709": 1, "bt2020": 9, "smpte432": 12, "bt2020-10": 14, "smpte2084": 16}
NUMBER |= {"arib-std-b67": 18}
"""H.273 numbers of primaries and transfers."""


def chart_clip(
    path: Path,
    transfer: str,
    primaries: str,
    *,
    signal: Numbers | None = None,
    codec: str = "ffv1",
    first: int = 0,
    frames: int = 2,
) -> Path:
    """Write the chart's colours as stripes, 10 bit 4:2:0, lossless.

    Args:
        path: of the file.
        transfer: as FFmpeg names it.
        primaries: as FFmpeg names them.
        signal: (N, 3) in [0, 1], instead of the chart's in that space.
        codec: `libx264` where a player must be able to join it to another.
        first: pts of the first frame, in frames.
        frames: how many.
    """
    matrix = "bt2020" if primaries == "bt2020" else "bt709"
    if signal is None:
        signal = hdr_signal(CHART, transfer, primaries)
    planes = chart_planes(signal, matrix)
    return Clip(
        size_wh=(16 * len(signal), 16),
        frames=frames,
        pts=range(first, first + frames),
        codec=codec,
        pixel_format="yuv420p10le",
        planes=lambda _number: planes,
        color=(1, NUMBER[matrix], NUMBER[primaries], NUMBER[transfer]),
    ).write(path)


def changing_chart(folder: Path, *transfers: str) -> Path:
    """Write one stream of charts that look alike, each in another space, four frames of each."""
    path, data = folder / "changes.ts", b""
    for number, transfer in enumerate(transfers):
        primaries = "bt709" if transfer == "bt709" else "bt2020"
        part = folder / f"{number}.ts"
        chart_clip(part, transfer, primaries, codec="libx264", first=4 * number, frames=4)
        data += part.read_bytes()
    path.write_bytes(data)
    return path
