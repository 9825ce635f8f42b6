"""Pictures whose matrix cannot be undone are refused; what has a base layer goes as its base."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.codec.context import Flags

from tests.color_science import CHART, chart_planes, delta_e, hdr_signal
from tests.media import Clip
from tests.reading import read_clip
from u2cam.core.errors import BackgroundError, SourceError
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.stream.sources.video import FileSource

GRAY = np.full((64, 64, 3), 90, np.uint8)


def clip(path: Path, matrix: int, primaries: int, transfer: int) -> Path:
    color = (1, matrix, primaries, transfer)
    return Clip((64, 64), 2, codec="ffv1", color=color, draw=lambda _: GRAY).write(path)


@pytest.mark.parametrize(
    ("matrix", "name"),
    [
        (8, "YCgCo"),
        (10, "BT.2020 with constant luminance"),
        (11, "SMPTE ST 2085"),
        (13, "constant luminance made of its primaries"),
        (14, "ICtCp"),
        (15, "IPT (Dolby Vision)"),
        (16, "YCgCo-R"),
    ],
)
def test_a_matrix_that_cannot_be_undone_is_refused_in_one_line(
    tmp_path: Path, matrix: int, name: str
) -> None:
    path = clip(tmp_path / "a.mkv", matrix, 9, 16)
    advice = "which cannot be converted here; bring it to BT.709 first"
    with pytest.raises(SourceError) as refused, FileSource(str(path)):
        pass
    assert str(refused.value) == f"a.mkv: its colours are coded as {name}, {advice}"
    with pytest.raises(BackgroundError) as refused_too:
        VideoBackground(path)
    assert str(refused_too.value) == f"background {path}: its colours are coded as {name}, {advice}"


@pytest.mark.parametrize(("primaries", "matrix"), [(1, 1), (9, 9), (6, 6), (5, 5)])
def test_a_matrix_made_of_usual_primaries_is_theirs(
    tmp_path: Path, primaries: int, matrix: int
) -> None:
    derived = read_clip(clip(tmp_path / "a.mkv", 12, primaries, 1))[0].image
    named = read_clip(clip(tmp_path / "b.mkv", matrix, primaries, 1))[0].image
    assert np.array_equal(derived, named)


def test_colours_that_change_to_what_cannot_be_undone_end_the_run_in_one_line(
    tmp_path: Path,
) -> None:
    path, data = tmp_path / "a.ts", b""
    for number, matrix in enumerate((9, 14)):
        part = Clip(
            (64, 64), 3, pts=range(3 * number, 3 * number + 3), color=(1, matrix, 9, 16)
        ).write(tmp_path / f"{number}.ts")
        data += part.read_bytes()
    path.write_bytes(data)
    with FileSource(str(path)) as source:
        for _ in range(3):
            source.read()
        with pytest.raises(SourceError, match=r"^a\.ts: its colours are coded as ICtCp, [^\n]*$"):
            source.read()


# Dolby Vision


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "mov", "hevc"])
def test_dolby_vision_without_a_base_is_refused(tmp_path: Path, ending: str) -> None:
    path = dolby_vision(tmp_path / f"a.{ending}", profile=0)
    with pytest.raises(SourceError, match=r"coded as IPT \(Dolby Vision\)"), FileSource(str(path)):
        pass
    with pytest.raises(BackgroundError, match=r"coded as IPT \(Dolby Vision\)"):
        VideoBackground(path)


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084", "bt709"])
def test_dolby_vision_with_a_base_goes_as_its_base(tmp_path: Path, transfer: str) -> None:
    path = dolby_vision(tmp_path / "a.mp4", profile=1, transfer=transfer)
    frame = read_clip(path)[0]
    assert delta_e(frame.image[32, 8::16], CHART).max() < 4
    assert np.array_equal(VideoBackground(path).picture(frame.size_wh, 0.0), frame.image)


def dolby_vision(path: Path, profile: int, transfer: str = "smpte2084") -> Path:
    """Write the chart as HEVC with the metadata of Dolby Vision behind every picture.

    Args:
        path: of the file.
        profile: of the RPU: 0 for IPT (profile 5), 1 for a picture with a base layer (8).
        transfer: of the base.
    """
    primaries = "bt709" if transfer == "bt709" else "bt2020"
    planes = chart_planes(hdr_signal(CHART, transfer, primaries), primaries, height=64)
    numbers = {"arib-std-b67": 18, "smpte2084": 16, "bt709": 1}
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx265", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = 16 * len(CHART), 64
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        if path.suffix in (".mp4", ".mov", ".mkv"):
            context.flags |= Flags.global_header
        context.options = {
            "x265-params": "log-level=none:lossless=1:bframes=0",
            "preset": "ultrafast",
        }
        context.color_range, context.colorspace = 1, 1 if primaries == "bt709" else 9
        context.color_primaries = 1 if primaries == "bt709" else 9
        context.color_trc = numbers[transfer]
        encoded = []
        for number in range(2):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p10le")
            frame.pts = number
            encoded += stream.encode(frame)
        for number, packet in enumerate([*encoded, *stream.encode(None)]):
            whole = av.Packet(bytes(packet) + _rpu(profile))
            whole.pts = whole.dts = number
            whole.time_base = Fraction(1, 25)
            whole.stream, whole.is_keyframe = stream, packet.is_keyframe
            output.mux(whole)
    return path


def _rpu(profile: int) -> bytes:
    """Make the least RPU that is one: straight curves for 10 bits (ETSI GS CCM 001)."""
    one, zero = "1", "0"  # Exp-Golomb codes of 0 begin with a one
    curve = one + format(0, "010b") + format(1023, "010b")
    piece = one + one + zero + 2 * (one + 23 * zero)
    bits = "000010" + format(18, "011b") + format(profile, "04b") + "0000"
    bits += "1" + "0" + "00" + "000011000" + "01" + str(int(profile == 0))
    bits += "011" + "011" + "00101" + "0" + "000" + "0" + "1"  # depths 10, 10, 12; no residual
    bits += "00" + 3 * one + 3 * curve + 2 * one + 3 * piece + 40 * one
    plain = bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))
    guarded, zeros = bytearray(), 0
    for byte in plain:  # no start code may arise within
        if zeros >= 2 and byte <= 3:
            guarded.append(3)
            zeros = 0
        guarded.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return b"\0\0\0\1\x7c\x01\x19" + bytes(guarded) + b"\x80"
