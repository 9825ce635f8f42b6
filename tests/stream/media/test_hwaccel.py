"""Decoding and encoding by hardware, with stand-ins: what is tried, what is logged, what comes out.

That real hardware works is for a computer that has it; here the rules around it are held.
"""

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.media import Clip, read_number, scene, scramble
from tests.reading import read_all, read_clip
from u2cam.core.errors import SourceError
from u2cam.core.frame import Picture
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.decode_color import RgbConverter
from u2cam.imaging.decoding.video_decoder import FrameReader
from u2cam.stream.media import hwaccel as hardware
from u2cam.stream.media.hwaccel import Hardware, can_decode, choose, encodes, on_hardware
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.coding.quality import encoder_options
from u2cam.stream.sinks.containers import Coding, coded_size
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.video import FileSource

SIZE_WH = (64, 48)
ASKED, AUTO = Hardware("nvdec", asked=True), Hardware("nvdec", asked=False)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("setting", "on_cuda", "chosen"),
    [
        ("auto", True, Hardware("nvdec", asked=False)),
        ("auto", False, None),
        ("none", True, None),
        ("vaapi", False, Hardware("vaapi", asked=True)),
    ],
)
def test_auto_means_hardware_only_beside_a_network_on_cuda(
    setting: str, on_cuda: bool, chosen: Hardware | None
) -> None:
    assert choose(setting, "nvdec", on_cuda=on_cuda) == chosen


# Decoding


@pytest.fixture
def no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(kind: str) -> None:
        raise RuntimeError(f"no device for {kind}")

    monkeypatch.setattr(hardware, "decoding_device", refuse)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A device that is none: FFmpeg then decodes in software, and we must notice."""
    used: list[str] = []
    monkeypatch.setattr(hardware, "decoding_device", lambda kind: used.append(kind))
    return used


@pytest.mark.parametrize("wanted", [ASKED, AUTO])
def test_without_a_device_software_decodes_and_who_asked_is_logged_once(
    tmp_path: Path, no_device: None, caplog: pytest.LogCaptureFixture, wanted: Hardware
) -> None:
    path = Clip(frames=8).write(tmp_path / "a.mp4")
    assert not can_decode("nvdec")
    frames = read_clip(path, hardware=wanted)
    assert [read_number(frame.image) for frame in frames] == list(range(8))
    logged = ["a.mp4: nvdec cannot decode it here (no device for nvdec); the processor does"]
    assert warnings(caplog) == (logged if wanted.asked else [])


def test_a_device_that_decodes_the_first_picture_is_used(
    tmp_path: Path, stand_in: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = Clip(frames=8).write(tmp_path / "a.mp4")
    plain = read_clip(path)
    assert not stand_in
    frames = read_clip(path, hardware=ASKED)
    assert stand_in == ["nvdec"]
    assert [frame.pts for frame in frames] == [frame.pts for frame in plain]
    assert warnings(caplog) == []


def test_a_device_that_decodes_nothing_of_a_file_gives_way(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # FFmpeg's own: there is a device type of this name, and no decoder for FFV1 on it.
    monkeypatch.undo()
    path = Clip(frames=4, codec="ffv1").write(tmp_path / "a.mkv")
    frames = read_clip(path, hardware=ASKED)
    assert len(frames) == 4
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize(("patient", "tried"), [(False, 1), (True, 10)])
def test_a_device_that_refuses_the_first_packet_is_not_tried_with_all_the_others(
    patient: bool, tried: int
) -> None:
    asked: list[int] = []

    class Packet:
        size = 1

        def decode(self) -> list[VideoFrame]:
            asked.append(1)
            raise av.error.InvalidDataError(1094995529, "Invalid data found")

    class File:
        time_base = start_time = duration = None
        metadata: dict[str, str] = {}  # noqa: RUF012

        def demux(self, _stream: object) -> Iterator[Packet]:
            return iter([Packet() for _ in range(10)])

    file: Any = File()
    reader = FrameReader(file, file, "a", Fraction(1), None, live=False, patient=patient)
    if patient:
        assert reader.peek() is None
    else:
        with pytest.raises(av.error.InvalidDataError):
            reader.peek()
    assert len(asked) == tried


def test_a_mistake_in_the_file_is_logged_as_without_hardware(
    tmp_path: Path, no_device: None, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        pytest.raises(FileNotFoundError, match="no such file"),
        FileSource(str(tmp_path / "a.mp4"), hardware=ASKED),
    ):
        pass
    assert warnings(caplog) == []


def test_a_device_that_fails_on_the_way_fails_the_job_and_does_not_cut_it_short(
    tmp_path: Path, stand_in: list[str]
) -> None:
    path = scramble(Clip(frames=60).write(tmp_path / "a.mkv"), 0.5)
    with (
        FileSource(str(path), hardware=ASKED) as source,
        pytest.raises(SourceError, match="run again with --hw-decode none"),
    ):
        read_all(source)


def semi_planar(planar: VideoFrame, name: str, shift: int) -> VideoFrame:
    """Put a planar 4:2:0 picture into the layout that graphics hardware uses."""
    kind = np.uint8 if name == "nv12" else np.uint16
    made = VideoFrame(planar.width, planar.height, name)

    def rows(plane: object, columns: int) -> np.ndarray:
        size = np.dtype(kind).itemsize
        whole = np.frombuffer(plane, kind).reshape(-1, plane.line_size // size)  # type: ignore
        return whole[: plane.height, :columns]  # type: ignore[attr-defined,no-any-return]

    luma, *chroma = planar.planes
    rows(made.planes[0], luma.width)[:] = rows(luma, luma.width) << shift
    both = rows(made.planes[1], 2 * chroma[0].width)
    for number, plane in enumerate(chroma):
        both[:, number::2] = rows(plane, plane.width) << shift
    return made


@pytest.mark.parametrize("size_wh", [(64, 48), (35, 21), (1, 1)])
@pytest.mark.parametrize("full", ["limited", "full"])
@pytest.mark.parametrize(
    ("planar", "name", "shift"), [("yuv420p", "nv12", 0), ("yuv420p10le", "p010le", 6)]
)
def test_what_hardware_gives_has_the_very_colours_that_software_gives(
    size_wh: tuple[int, int], full: str, planar: str, name: str, shift: int
) -> None:
    tags = ColorTags(full, "bt709", "bt709", "bt709")  # type: ignore[arg-type]
    noise = np.random.default_rng(0).integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
    frame = VideoFrame.from_ndarray(noise, format="rgb24").reformat(format=planar)
    by_software = RgbConverter(tags, size_wh).to_rgb(frame)
    by_hardware = RgbConverter(tags, size_wh).to_rgb(semi_planar(frame, name, shift))
    assert np.array_equal(by_hardware, by_software)


# Encoding


def write(path: Path, wanted: Hardware | None, settings: OutputSettings | None = None) -> str:
    """Write three pictures; returns the encoder that the file's stream tells of."""
    sink = FileSink(path, settings or OutputSettings(preset="ultrafast"), wanted)
    sink.open(PictureFormat(SIZE_WH, Fraction(25), Fraction(1, 25)))
    assert sink._writing is not None
    encoder = sink._writing.stream.codec_context.name
    for number in range(3):
        sink.write(Picture(scene(number, SIZE_WH), number, Fraction(1, 25), 0.0))
    sink.close(failed=False)
    with av.open(str(path)) as media:
        assert len(list(media.decode(video=0))) == 3
    return encoder


@pytest.fixture
def as_nvenc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another software encoder stands in for the hardware's."""
    monkeypatch.setitem(hardware._ENCODERS, "nvenc", "mpeg4")


def test_an_encoder_that_works_is_taken(
    tmp_path: Path, as_nvenc: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert write(tmp_path / "a.mp4", Hardware("nvenc", asked=True)) == "mpeg4"
    assert write(tmp_path / "b.mp4", None) == "libx264"
    assert warnings(caplog) == []


@pytest.mark.parametrize("asked", [True, False])
def test_an_encoder_that_does_not_work_gives_way_and_who_asked_is_logged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    asked: bool,
) -> None:
    monkeypatch.setattr(hardware, "encodes", lambda *_how: False)
    assert write(tmp_path / "a.mp4", Hardware("nvenc", asked=asked)) == "libx264"
    logged = ["a.mp4: nvenc does not work here; the processor encodes"]
    assert warnings(caplog) == (logged if asked else [])


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.webm", OutputSettings()),
        ("a.mp4", OutputSettings(crf=0, preset="ultrafast")),
        ("a.mkv", OutputSettings(codec="ffv1")),
    ],
)
def test_other_codecs_and_lossless_files_are_left_to_software(
    tmp_path: Path,
    as_nvenc: None,
    caplog: pytest.LogCaptureFixture,
    name: str,
    settings: OutputSettings,
) -> None:
    assert write(tmp_path / name, Hardware("nvenc", asked=True), settings) != "mpeg4"
    assert warnings(caplog) == [
        f"{name}: nvenc is not for this kind of file; the processor encodes"
    ]


def test_nvidias_encoder_is_logged_to_keep_quality_and_not_a_bit_rate() -> None:
    coding = on_hardware(Coding("libx264", "yuv420p"), "nvenc")
    if coding is None:
        pytest.skip("this FFmpeg was built without it")
    assert (coding.encoder, coding.pixel_format) == ("h264_nvenc", "yuv420p")
    options = encoder_options(coding, SIZE_WH, OutputSettings(crf=23), {"cq", "rc"})
    assert options == {"rc": "vbr", "b": "0", "cq": "23"}


def test_intels_encoder_gets_its_pixel_format_and_even_sizes() -> None:
    coding = on_hardware(Coding("libx264", "yuv420p"), "qsv")
    if coding is None:
        pytest.skip("this FFmpeg was built without it")
    assert coding.pixel_format == "nv12"
    assert coded_size(coding, (35, 21)) == (36, 22)
    assert encoder_options(coding, SIZE_WH, OutputSettings(crf=23), set())["global_quality"] == "23"


def test_an_encoder_is_tried_with_a_real_picture() -> None:
    assert encodes("libx264", (640, 360))
    assert not encodes("no_such_encoder", (640, 360))
    assert not encodes("libx264", (0, 0))
