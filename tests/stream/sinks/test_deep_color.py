"""High dynamic range that is kept, and codings of 10 bits."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.color_science import CHART, chart_planes, delta_e, hdr_signal
from tests.media import Clip, pass_through, read_rgb
from tests.reading import read_clip
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.effects.backgrounds.base import ColourBackground
from u2cam.effects.backgrounds.wide import widened
from u2cam.imaging.color_tags import ColorTags
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import check_output
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.video import FileSource

NUMBER = {"arib-std-b67": 18, "smpte2084": 16}
KEEP = OutputSettings(hdr="keep", crf=8, preset="ultrafast")


def hdr_clip(path: Path, transfer: str, colors: np.ndarray = CHART) -> Path:
    planes = chart_planes(hdr_signal(colors, transfer, "bt2020"), "bt2020", 64)
    return Clip(
        size_wh=(16 * len(colors), 64),
        frames=3,
        codec="ffv1",
        pixel_format="yuv420p10le",
        planes=lambda _number: planes,
        color=(1, 9, 9, NUMBER[transfer]),
    ).write(path)


def patches(image: np.ndarray) -> np.ndarray:
    """Mean colours of the stripes' middles: what is dithered shows them so."""
    height = image.shape[0]
    inner = image.reshape(height, -1, 16, 3)[height // 4 : 3 * height // 4, :, 4:12]
    return inner.mean((0, 2))


def coded_as(path: Path) -> tuple[str, str, tuple[int, ...]]:
    with av.open(str(path)) as media:
        frame = next(media.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        numbers = (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc)
        name = media.streams.video[0].codec_context.name
        return name, frame.format.name, tuple(int(number) for number in numbers)


@pytest.mark.parametrize("transfer", NUMBER)
@pytest.mark.parametrize(
    ("ending", "codec", "written"),
    [
        (".mp4", "auto", "hevc"),
        (".mov", "auto", "hevc"),
        (".mkv", "auto", "hevc"),
        (".webm", "auto", "libdav1d"),
        (".mkv", "libsvtav1", "libdav1d"),
        (".mov", "prores_ks", "prores"),
    ],
)
def test_kept_hdr_is_10_bit_with_its_tags_and_colours(
    tmp_path: Path, transfer: str, ending: str, codec: str, written: str
) -> None:
    before = hdr_clip(tmp_path / "a.mkv", transfer)
    after = tmp_path / f"b{ending}"
    pass_through(before, after, KEEP.model_copy(update={"codec": codec}), keep_hdr=True)
    name, pixel_format, numbers = coded_as(after)
    assert name == written
    assert "10le" in pixel_format
    assert numbers == (1, 9, 9, NUMBER[transfer])
    # As any player of standard range sees it.
    seen = patches(read_clip(after)[0].image)
    assert delta_e(seen, CHART).max() < 3
    assert np.median(delta_e(seen, CHART)) < 1.5


@pytest.mark.parametrize("transfer", NUMBER)
def test_highlights_above_white_are_kept(tmp_path: Path, transfer: str) -> None:
    signal = np.repeat(np.linspace(0.5, 0.74 if transfer == "smpte2084" else 1, 8)[:, None], 3, 1)
    planes = chart_planes(signal, "bt2020")
    clip = Clip(
        size_wh=(128, 16),
        frames=1,
        codec="ffv1",
        pixel_format="yuv420p10le",
        planes=lambda _number: planes,
        color=(1, 9, 9, NUMBER[transfer]),
    )
    pass_through(clip.write(tmp_path / "a.mkv"), tmp_path / "b.mp4", KEEP, keep_hdr=True)
    with av.open(str(tmp_path / "b.mp4")) as media:
        frame = next(media.decode(video=0))
        rows = np.frombuffer(frame.planes[0], np.uint16).reshape(16, -1)[:, :128]
    luma = rows.reshape(16, 8, 16)[4:12, :, 4:12].mean((0, 2))
    assert np.abs((luma - 64) / 876 - signal[:, 0]).max() < 0.003


@pytest.mark.parametrize("transfer", NUMBER)
def test_a_background_goes_into_the_space_of_the_run(transfer: str) -> None:
    tags = ColorTags("limited", "bt2020", "bt2020", transfer)
    for color in CHART.astype(int).tolist():
        background = widened(ColourBackground(tuple(color)), tags)
        shown = background.picture((4, 4), 0.0)  # type: ignore[union-attr]
        wanted = hdr_signal(np.array([color], float), transfer, "bt2020")[0] * 255
        assert np.abs(shown[0, 0] - wanted).max() <= 1
    plain = ColourBackground((1, 2, 3))
    assert widened(plain, ColorTags()) is plain


@pytest.mark.parametrize("name", ["b.png", "b.gif", "b.mp4"])
def test_outputs_without_hdr_get_standard_range(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = hdr_clip(tmp_path / "a.mkv", "arib-std-b67")
    frame = read_clip(before, keep_hdr=True)[0]
    settings = KEEP.model_copy(update={"codec": "libvpx-vp9" if name == "b.mp4" else "auto"})
    with FileSource(str(before), keep_hdr=True) as source:
        info = source.info
    sink = (ImageSink if name == "b.png" else FileSink)(tmp_path / name, settings)
    sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
    sink.write(Picture(frame.image, 0, info.time_base, 0.0))
    sink.close(failed=False)
    if name == "b.mp4":
        assert coded_as(tmp_path / name)[2] == (1, 1, 1, 1)
        assert "holds no HLG, written in BT.709" in caplog.text
        shown = read_clip(tmp_path / name)[0].image
    else:
        shown = read_rgb(tmp_path / name)[0]
    assert np.median(delta_e(shown[32, 8::16], CHART)) < (8 if name == "b.gif" else 2)


def test_without_keep_the_same_clip_is_8_bit_bt709(tmp_path: Path) -> None:
    before = hdr_clip(tmp_path / "a.mkv", "smpte2084")
    pass_through(before, tmp_path / "b.mp4")
    assert coded_as(tmp_path / "b.mp4") == ("h264", "yuv420p", (1, 1, 1, 1))


@pytest.mark.parametrize("codec", ["libsvtav1", "dnxhd"])
def test_pictures_too_small_for_a_codec_are_refused_in_one_line(tmp_path: Path, codec: str) -> None:
    sink = FileSink(tmp_path / "a.mkv", OutputSettings(codec=codec))
    with pytest.raises(SinkError, match=f"{codec} takes pictures from .* on, these are 416x24"):
        sink.open(PictureFormat((416, 24), Fraction(25), Fraction(1, 25)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("ending", "settings", "written"),
    [
        (".mp4", OutputSettings(bits=10), ("hevc", "yuv420p10le")),
        (".webm", OutputSettings(bits=10), ("libdav1d", "yuv420p10le")),
        (".mkv", OutputSettings(codec="libsvtav1"), ("libdav1d", "yuv420p10le")),
        (".mp4", OutputSettings(codec="libx265"), ("hevc", "yuv420p")),
        (".mkv", OutputSettings(codec="libx265", bits=10), ("hevc", "yuv420p10le")),
        (".mov", OutputSettings(codec="prores_ks"), ("prores", "yuv422p10le")),
        (".mov", OutputSettings(codec="dnxhd"), ("dnxhd", "yuv422p10le")),
    ],
)
def test_codings_of_10_bits_are_written_and_near(
    tmp_path: Path, ending: str, settings: OutputSettings, written: tuple[str, str]
) -> None:
    path = tmp_path / f"a{ending}"
    check_output(path, "rgb", settings)
    image = np.repeat(CHART.astype(np.uint8), 16, axis=0)[None].repeat(144, 0)
    sink = FileSink(path, settings)
    sink.open(PictureFormat((416, 144), Fraction(25), Fraction(1, 25)))
    for number in range(3):
        sink.write(Picture(image, number, Fraction(1, 25), 0.0))
    sink.close(failed=False)
    assert coded_as(path)[:2] == written
    assert delta_e(read_clip(path)[1].image[72, 8::16], CHART).max() < 3


def test_a_picture_that_is_too_narrow_for_hevc_is_refused_in_one_line(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.mp4", OutputSettings(bits=10))
    with pytest.raises(SinkError, match="libx265 takes pictures from 64x16"):
        sink.open(PictureFormat((48, 48), Fraction(25), Fraction(1, 25)))
    assert not list(tmp_path.iterdir())
