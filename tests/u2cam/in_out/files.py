"""Videos that are written: container, codec, alpha, depth and range."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

from tests.color_science import CHART
from tests.media import Clip, Sound, read_number, read_rgb, read_times, scene
from tests.stream.sinks.test_deep_color import hdr_clip
from tests.u2cam.in_out.program import done, refused, right_half
from tests.u2cam.in_out.table import Cell, Row, Table
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo

SIZE_WH = (256, 120)
"""The least that DNxHR takes."""
NAMES = {
    "H.264": ("h264", "yuv420p"),
    "HEVC": ("hevc", "yuv420p10le"),
    "VP9": ("vp9", "yuv420p"),
    "VP9 with alpha": ("vp9", "yuv420p"),
    "AV1": ("av1", "yuv420p10le"),
    "ProRes 4444": ("prores", "yuva444p"),
    "FFV1": ("ffv1", "bgra"),
    "FFV1, gray": ("ffv1", "gray"),
    "palette": ("gif", "bgra"),
    "palette, all or nothing": ("gif", "bgra"),
}
"""What the document calls it, FFmpeg's codec, and how its pixel format begins."""


def _clip(folder: Path, size_wh: tuple[int, int] = (64, 48)) -> Path:
    return Clip(size_wh, frames=3, pts=[0, 1, 4]).write(folder / "a.mp4")


def coded(path: Path) -> tuple[str, str]:
    """Return codec and pixel format of a file."""
    with av.open(str(path)) as media:
        frame = next(media.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        return media.streams.video[0].codec_context.codec.canonical_name, frame.format.name


def _is(says: str, path: Path) -> None:
    codec, pixels = coded(path)
    assert codec == NAMES[says][0]
    assert pixels.startswith(NAMES[says][1])


def _holds_pictures(ending: str, says: str, folder: Path) -> None:
    done(_clip(folder), folder / f"out{ending}")
    _is(says, folder / f"out{ending}")
    assert [read_number(one) for one in read_rgb(folder / f"out{ending}")] == [0, 1, 2]
    assert read_times(folder / f"out{ending}") == [Fraction(n, 25) for n in (0, 1, 4)]


def _holds_alpha(ending: str, says: str, folder: Path) -> None:
    out = folder / f"out{ending}"
    if says == "refused":
        refused(_clip(folder), out, "--view", "cutout", names="cannot hold alpha")
        return
    done(_clip(folder), out, "--view", "cutout", alpha=right_half)
    _is(says, out)
    with av.open(str(out)) as media:
        stream = media.streams.video[0]
        packets = [packet for packet in media.demux(stream) if packet.size]
        # FFmpeg's own VP9 decoder drops alpha.
        vp9 = av.CodecContext.create("libvpx-vp9", "r") if ending == ".webm" else None
        decoder = vp9 or stream.codec_context
        frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
        alpha = frames[0].to_ndarray(format="rgba")[..., 3]
    assert len(frames) == 3
    assert alpha[:, :16].max() <= 2
    assert alpha[:, 48:].min() >= 253


def _holds_a_matte(ending: str, says: str, folder: Path) -> None:
    done(_clip(folder), folder / f"out{ending}", "--view", "matte", alpha=right_half)
    _is(says, folder / f"out{ending}")
    seen = read_rgb(folder / f"out{ending}")[0]
    assert seen[:, :16].max() <= 3
    assert seen[:, 48:].min() >= 252


def _holds_10_bits(ending: str, says: str, folder: Path) -> None:
    done(_clip(folder), folder / f"out{ending}", "-b", "none", "--set", "output.bits=10")
    _is(says, folder / f"out{ending}")


def _holds_hdr(ending: str, says: str, folder: Path) -> None:
    before, out = hdr_clip(folder / "a.mkv", "smpte2084", CHART[:4]), folder / f"out{ending}"
    ran = done(before, out, "-b", "none", "--set", "output.hdr=keep")
    with av.open(str(out)) as media:
        transfer = int(media.streams.video[0].codec_context.color_trc)
    if says == "BT.709":
        assert "holds no PQ, written in BT.709" in ran.line
        assert transfer != 16
    else:
        _is(says, out)
        assert (transfer, ran.lines) == (16, [])


def _encodes_sound(ending: str, says: str, folder: Path) -> None:
    """What no container of this kind holds is encoded; the trial is a sound of no player's."""
    before = Clip(frames=3, sounds=[Sound(0.12, codec="adpcm_ms")]).write(folder / "a.avi")
    done(before, folder / f"out{ending}")
    with av.open(str(folder / f"out{ending}")) as media:
        found = [one.codec_context.codec.canonical_name for one in media.streams.audio]
    assert found == {"AAC": ["aac"], "Opus": ["opus"], "left out": []}[says]


def _records(ending: str, folder: Path) -> None:
    """A recording of three seconds that is torn off plays, but for its last second."""
    ms, torn = Fraction(1, 1000), folder / f"torn{ending}"
    source = SourceInfo("camera 0", (64, 48), Fraction(30), True, ms)
    sink = FileSink(folder / f"out{ending}", OutputSettings(preset="ultrafast"))
    sink.open(PictureFormat((64, 48), Fraction(30), ms, "rgb", source))
    for number in range(90):
        image = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        sink.write(Picture(image, number * 1000 // 30, ms, 0.0))
    torn.write_bytes((folder / f"out{ending}").read_bytes())
    sink.close(failed=True)
    assert len(read_times(torn)) >= 60
    assert len(read_times(folder / f"out{ending}")) == 90


def _does_not_record(ending: str, folder: Path) -> None:
    source = SourceInfo("camera 0", (64, 48), Fraction(30), True, Fraction(1, 1000))
    sink = FileSink(folder / f"out{ending}", OutputSettings())
    sink.open(PictureFormat((64, 48), Fraction(30), Fraction(1, 1000), "rgb", source))
    for number in range(60):
        sink.write(Picture(scene(number, (64, 48)), 33 * number, Fraction(1, 1000), 0.0))
    assert not (folder / f"out{ending}").exists()
    sink.close(failed=False)
    assert (folder / f"out{ending}").exists()


def _file_row(
    ending: str, pictures: str, alpha: str, matte: str, deep: str, hdr: str, sound: str
) -> Row:
    live = Cell("a second is lost", partial(_records, ending))
    if ending == ".gif":
        live = Cell("whole or not at all", partial(_does_not_record, ending))
    return Row(
        ending[1:],
        (
            Cell(pictures, partial(_holds_pictures, ending, pictures)),
            Cell(alpha, partial(_holds_alpha, ending, alpha)),
            Cell(matte, partial(_holds_a_matte, ending, matte)),
            Cell(deep, partial(_holds_10_bits, ending, deep)),
            Cell(hdr, partial(_holds_hdr, ending, hdr)),
            Cell(sound, partial(_encodes_sound, ending, sound)),
            live,
        ),
    )


_ALL_OR_NOTHING = "palette, all or nothing"
FILES = Table(
    "Videos that are written:",
    (
        *("file", "pictures", "`--view cutout`", "`--view matte`", "`output.bits = 10`"),
        *("HLG or PQ with `output.hdr = keep`", "sound that is encoded", "recording cut short"),
    ),
    [
        _file_row(".mp4", "H.264", "refused", "H.264", "HEVC", "HEVC", "AAC"),
        _file_row(".mov", "H.264", "ProRes 4444", "H.264", "HEVC", "HEVC", "AAC"),
        _file_row(".mkv", "H.264", "FFV1", "FFV1, gray", "HEVC", "HEVC", "Opus"),
        _file_row(".webm", "VP9", "VP9 with alpha", "VP9", "AV1", "AV1", "Opus"),
        _file_row(".gif", "palette", _ALL_OR_NOTHING, "palette", "palette", "BT.709", "left out"),
    ],
)


# What output.codec may be


def _is_coded(codec: str, ending: str, pixels: str, folder: Path) -> None:
    out, how = folder / f"out{ending}", ("-b", "none", "--set", f"output.codec={codec}")
    done(_clip(folder, SIZE_WH), out, *how)
    assert coded(out)[1] == pixels
    seen = read_rgb(out)
    assert [read_number(one) for one in seen] == [0, 1, 2]
    assert np.abs(seen[0].astype(int) - scene(0, SIZE_WH)).mean() < 6
    assert len(read_times(out)) == 3


def _is_not_coded(codec: str, ending: str, folder: Path) -> None:
    how = ("-b", "none", "--set", f"output.codec={codec}")
    refused(_clip(folder, SIZE_WH), folder / f"out{ending}", *how, names=codec)


def _codec_row(what: str, codec: str, pixels: str, endings: Sequence[str]) -> Row:
    cells = [
        Cell("yes", partial(_is_coded, codec, one, pixels))
        if one in endings
        else Cell("refused", partial(_is_not_coded, codec, one))
        for one in (".mp4", ".mov", ".mkv", ".webm", ".gif")
    ]
    bits = "10" if "10" in pixels else "8"
    return Row(f"`{codec}`: {what}, {bits} bits", tuple(cells))


_MP4, _MOV, _MKV, _WEBM = ".mp4", ".mov", ".mkv", ".webm"
CODECS = Table(
    "`output.codec`; another encoder of FFmpeg's is taken or refused in the same way:",
    ("encoder", "mp4", "mov", "mkv", "webm", "gif"),
    [
        _codec_row("H.264", "libx264", "yuv420p", (_MP4, _MOV, _MKV)),
        _codec_row("HEVC", "libx265", "yuv420p", (_MP4, _MOV, _MKV)),
        _codec_row("AV1", "libsvtav1", "yuv420p10le", (_MP4, _MKV, _WEBM)),
        _codec_row("VP9", "libvpx-vp9", "yuv420p", (_MP4, _MKV, _WEBM)),
        _codec_row("VP8", "libvpx", "yuv420p", (_MKV, _WEBM)),
        _codec_row("MPEG-4 part 2", "mpeg4", "yuv420p", (_MP4, _MOV, _MKV)),
        _codec_row("Motion JPEG", "mjpeg", "yuvj420p", (_MP4, _MOV, _MKV)),
        _codec_row("ProRes 422 HQ", "prores_ks", "yuv422p10le", (_MOV, _MKV)),
        _codec_row("DNxHR HQX", "dnxhd", "yuv422p10le", (_MOV,)),
        _codec_row("FFV1", "ffv1", "yuv420p", (_MP4, _MKV)),
    ],
)
