"""Videos as people have them: what is converted, and what else can be had."""

from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
import pyvirtualcam

from tests.color_science import CHART, delta_e
from tests.fakes import FakeVirtualBackend
from tests.hdr_clips import changing_chart
from tests.imaging.test_wide_color import chart_clip
from tests.media import Clip, read_number, read_rgb, read_times, scene, truncate
from tests.stream.sources.test_interlaced import INTERLACED, two_fields
from tests.stream.sources.test_picture_shape import disc_wh, joined
from tests.u2cam.in_out.files import coded
from tests.u2cam.in_out.pictures import near, shown
from tests.u2cam.in_out.program import SAME, done, nothing, refused, right_half, run
from tests.u2cam.in_out.table import NONE, Cell, Row, Table

FINE = ("--set", "output.crf=4")


def _tags(path: Path) -> tuple[int, ...]:
    with av.open(str(path)) as media:
        one = media.streams.video[0].codec_context
        return int(one.colorspace), int(one.color_primaries), int(one.color_trc)


def _is_converted(kinds: list[tuple[str, str]], folder: Path) -> None:
    for transfer, primaries in kinds:
        before = chart_clip(folder / f"{transfer}.mkv", transfer, primaries)
        ran = done(before, folder / "out.mp4", *SAME, *FINE)
        assert "is converted to BT.709" in ran.line
        assert _tags(folder / "out.mp4") == (1, 1, 1)
        assert coded(folder / "out.mp4") == ("h264", "yuv420p")
        assert np.median(delta_e(read_rgb(folder / "out.mp4")[0][8, 8::16], CHART)) < 3


def _is_kept(folder: Path) -> None:
    before = chart_clip(folder / "hlg.mkv", "arib-std-b67", "bt2020")
    keep = ("--set", "output.hdr=keep")
    assert done(before, folder / "out.mp4", *SAME, *keep).lines == []
    assert _tags(folder / "out.mp4") == (9, 9, 18)
    assert coded(folder / "out.mp4") == ("hevc", "yuv420p10le")
    _virtual_camera_gets_bt709(before)
    # A white background is diffuse white, 75 % of HLG (BT.2408).
    white = ("-b", "#ffffff", "--set", "color.light_wrap=0")
    done(before, folder / "white.mp4", *white, *keep, alpha=nothing)
    with av.open(str(folder / "white.mp4")) as media:
        luma = np.frombuffer(next(media.decode(video=0)).planes[0], np.uint16)
    assert abs((luma.max() - 64) / 876 - 0.75) < 0.02


def _virtual_camera_gets_bt709(before: Path) -> None:
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    fake = ("--set", "virtual_camera.backend=fake", "--set", "output.hdr=keep")
    done(before, Path("virtual"), *SAME, "--live", *fake)
    (camera,) = FakeVirtualBackend.instances
    assert np.median(delta_e(camera.frames[-1][8, 8::16].astype(float), CHART)) < 3


def _untagged(folder: Path) -> None:
    for name, size_wh in (("sd", (64, 48)), ("hd", (1280, 720))):
        plain = Clip(size_wh, 1, draw=partial(_flat, size_wh)).write(folder / f"{name}.mp4")
        done(plain, folder / "input.png")
        background = ("-b", str(plain), "--set", "color.light_wrap=0")
        done(plain, folder / "background.png", *background, alpha=nothing)
        near(shown(folder / "input.png"), shown(folder / "background.png"))


def _flat(size_wh: tuple[int, int], number: int) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), (200, 40, 60), np.uint8)


def _combing(path: Path) -> float:
    gray = read_rgb(path)[5].astype(float).mean(axis=2)
    return float(np.abs(gray[1:-1] - (gray[:-2] + gray[2:]) / 2).mean())


def _interlaced(folder: Path) -> Path:
    return Clip((96, 64), frames=8, draw=two_fields, options=INTERLACED).write(folder / "a.mp4")


def _becomes_progressive(folder: Path) -> None:
    before = _interlaced(folder)
    assert "bwdif" in done(before, folder / "out.mp4", *SAME, *FINE).line
    assert _combing(folder / "out.mp4") < 1
    assert read_times(folder / "out.mp4") == read_times(before)


def _stays_combed(folder: Path) -> None:
    off = ("--set", "capture.deinterlace=off")
    assert done(_interlaced(folder), folder / "out.mp4", *SAME, *FINE, *off).lines == []
    assert _combing(folder / "out.mp4") > 2


def _keeps_its_shape(folder: Path) -> None:
    before = joined(folder, ((320, 180), Fraction(1)), ((180, 320), Fraction(1)))
    assert "with bars beside it" in done(before, folder / "out.mp4", *SAME, *FINE).line
    seen = read_rgb(folder / "out.mp4")
    assert len(seen) == 20
    for number in (5, 15):
        assert abs(np.subtract(*disc_wh(seen[number]))) <= 3


def _upright(folder: Path) -> None:
    turned = Clip(frames=2, rotation=(90, False, False), draw=lambda n: scene(7, (64, 48)))
    done(turned.write(folder / "a.mov"), folder / "out.mp4", *SAME, *FINE)
    seen = read_rgb(folder / "out.mp4")[0]
    near(seen, np.rot90(scene(7, (64, 48))))


def _square(folder: Path) -> None:
    Clip((72, 48), frames=2, aspect=Fraction(4, 3)).write(folder / "a.mp4")
    done(folder / "a.mp4", folder / "out.mp4")
    assert read_rgb(folder / "out.mp4")[0].shape == (48, 96, 3)


def _own_times(folder: Path) -> None:
    stamps = [0, 1000, 1501, 5000, 5003]
    clip = Clip(frames=5, pts=stamps, time_base=Fraction(1, 30_000))
    before = clip.write(folder / "a.mp4")
    for ending in ("mp4", "mov"):
        done(before, folder / f"out.{ending}")
        assert read_times(folder / f"out.{ending}") == read_times(before)
    done(before, folder / "out.mkv")  # in milliseconds
    wanted = [round(1000 * one) for one in read_times(before)]
    assert [round(1000 * one) for one in read_times(folder / "out.mkv")] == wanted


def _is_hvc1(folder: Path) -> None:
    Clip(frames=2).write(folder / "a.mp4")
    for ending in ("mp4", "mov"):
        done(folder / "a.mp4", folder / f"out.{ending}", *SAME, "--set", "output.bits=10")
        with av.open(str(folder / f"out.{ending}")) as media:
            assert media.streams.video[0].codec_context.codec_tag == "hvc1"


def _alpha_is_read(folder: Path) -> None:
    """Files of our own with alpha, read again: the new background shows where they are clear."""
    before, green = Clip((96, 64), 2).write(folder / "a.mp4"), ("-b", "#00b140", *FINE)
    for ending in ("webm", "mov", "mkv", "gif"):
        done(before, folder / f"cut.{ending}", "--view", "cutout", alpha=right_half)
        done(folder / f"cut.{ending}", folder / f"{ending}.mp4", *green)
        seen = read_rgb(folder / f"{ending}.mp4")[0].astype(int)
        assert np.abs(seen[:, :32] - (0x00, 0xB1, 0x40)).mean() < 4
        assert np.abs(seen[:, 64:] - (0x00, 0xB1, 0x40)).mean() > 30


def _changing_colors(folder: Path) -> None:
    before = changing_chart(folder, "bt709", "smpte2084")
    ran = done(before, folder / "out.mp4", *SAME, *FINE)
    assert any("the colours change" in line for line in ran.lines), ran.lines
    assert _tags(folder / "out.mp4") == (1, 1, 1)
    for seen in read_rgb(folder / "out.mp4"):
        assert np.median(delta_e(seen[8, 8::16], CHART)) < 3


def _strange_matrix(folder: Path) -> None:
    for matrix, name in ((14, "ICtCp"), (10, "constant luminance"), (15, "Dolby Vision")):
        color = (1, matrix, 9, 16)
        Clip((64, 64), 2, codec="ffv1", color=color).write(folder / "a.mkv")
        refused(folder / "a.mkv", folder / "out.mp4", names=name)


def _noise(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (120, 160, 3), np.uint8)


def _quality_means_something(folder: Path) -> None:
    before = Clip((160, 120), 2, draw=_noise).write(folder / "a.mp4")
    for codec, ending in (("mpeg4", "mp4"), ("libvpx", "webm"), ("mjpeg", "mov")):
        sizes = []
        for crf in (4, 40):
            out = folder / f"{crf}.{ending}"
            how = (f"output.codec={codec}", f"output.crf={crf}")
            done(before, out, *SAME, "--set", how[0], "--set", how[1])
            sizes.append(out.stat().st_size)
        assert sizes[0] > 1.3 * sizes[1]
    how = ("--set", "output.codec=snow", "--set", "output.crf=10")
    refused(before, folder / "out.mkv", *SAME, *how, names="no constant quality")


def _damaged(folder: Path) -> None:
    before = truncate(Clip((160, 120), 20).write(folder / "a.ts"), 0.6)
    assert "damaged" in done(before, folder / "out.mp4").lines[0]
    seen = [read_number(one) for one in read_rgb(folder / "out.mp4")]
    assert seen == list(range(len(seen)))
    assert 5 < len(seen) < 20


def _without_a_picture(folder: Path) -> None:
    for name, data in (("empty.mp4", b""), ("text.mp4", b"no film\n" * 99)):
        (folder / name).write_bytes(data)
        refused(folder / name, folder / "out.mp4", names=name)


def _names(folder: Path) -> None:
    Clip(frames=2).write(folder / "100% a:b.mp4")
    (folder / "#1.jpg").write_bytes((folder / "100% a:b.mp4").read_bytes())
    out = folder / ("é" * 123 + ".mp4")
    done(folder / "100% a:b.mp4", out, "-b", str(folder / "#1.jpg"))
    assert len(read_rgb(out)) == 2
    too_long = run(folder / "100% a:b.mp4", folder / ("v" * 260 + ".mp4"))
    assert too_long.code == 2
    assert "up to 255 are possible" in too_long.line


_HDR = [("arib-std-b67", "bt2020"), ("smpte2084", "bt2020")]
_WIDE = [("bt2020-10", "bt2020"), ("bt709", "smpte432")]
VIDEOS = Table(
    "What happens to a video:",
    ("in a video", "by default", "other choice"),
    [
        Row(
            "HLG, PQ",
            (
                Cell("converted to BT.709, said in one line", partial(_is_converted, _HDR)),
                Cell(
                    "`output.hdr = keep`: 10 bits, the background converted too; the virtual camera"
                    " and the window get BT.709",
                    _is_kept,
                ),
            ),
        ),
        Row(
            "BT.2020, Display P3 without HDR",
            (Cell("converted to BT.709, said in one line", partial(_is_converted, _WIDE)), NONE),
        ),
        Row(
            "colours without tags",
            (Cell("read alike as input and as background, as players do", _untagged), NONE),
        ),
        Row(
            "interlaced pictures, where flagged",
            (
                Cell("made progressive (bwdif), said in one line", _becomes_progressive),
                Cell("`capture.deinterlace = off`", _stays_combed),
            ),
        ),
        Row(
            "a size that changes on the way",
            (
                Cell(
                    "scaled with its aspect kept, the background in the bars, said in one line",
                    _keeps_its_shape,
                ),
                NONE,
            ),
        ),
        Row("turned by a display matrix", (Cell("upright", _upright), NONE)),
        Row("pixels that are not square", (Cell("square", _square), NONE)),
        Row(
            "any distance from frame to frame",
            (Cell("each frame at its own time; mkv and webm count in ms", _own_times), NONE),
        ),
        Row(
            "HEVC into mp4 and mov", (Cell("tagged `hvc1`, as Apple's players ask", _is_hvc1), NONE)
        ),
        Row(
            "`output.crf`",
            (
                Cell(
                    "mapped to what each encoder has; refused where it has none",
                    _quality_means_something,
                ),
                NONE,
            ),
        ),
        Row(
            "alpha of VP9, ProRes 4444, FFV1, GIF",
            (Cell("the background shows in clear parts", _alpha_is_read), NONE),
        ),
        Row(
            "colours that change on the way",
            (Cell("converted to what came first, said in one line", _changing_colors), NONE),
        ),
        Row(
            "ICtCp, constant luminance, Dolby Vision without a base",
            (Cell("refused", _strange_matrix), NONE),
        ),
        Row("damage", (Cell("read up to there, said in one line", _damaged), NONE)),
        Row("no picture that can be read", (Cell("refused", _without_a_picture), NONE)),
        Row(
            "names with `%`, `#`, `:`, or of 250 bytes",
            (Cell("taken as they are; over 255 bytes refused", _names), NONE),
        ),
    ],
)
