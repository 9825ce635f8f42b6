"""Clips that tests synthesise, and what can be read back from them.

A clip shows a smooth scene that moves; its first column of blocks codes the frame's number, so
that a test can tell which frame it sees. Sound is silence with beeps; a frame in which a beep
starts can be a white flash.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.subtitle import SubtitleSet
from numpy.typing import NDArray

from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import EndOfStream, SourceInfo
from u2cam.stream.sources.video import FileSource

Image = NDArray[np.uint8]
BEEP_HZ, BEEP_S, SAMPLE_RATE = 1000, 0.05, 48_000
_OPTIONS = {
    "libx264": {"crf": "0", "preset": "ultrafast"},
    "libx265": {"crf": "4", "preset": "ultrafast", "x265-params": "log-level=error"},
}


@dataclass(frozen=True)
class Sound:
    """A track of sound."""

    length_s: float = 1.0
    beeps_s: Sequence[float] = ()
    """When beeps start, in seconds of the file."""
    codec: str = "aac"
    start_s: float = 0.0
    language: str = "eng"
    layout: str = "mono"
    rate: int = SAMPLE_RATE


@dataclass(frozen=True)
class Clip:
    """What a clip is made of. `write` makes the file; its ending chooses the container."""

    size_wh: tuple[int, int] = (64, 48)
    frames: int = 10
    rate: Fraction = Fraction(25)
    time_base: Fraction | None = None
    """1 / rate where None."""
    pts: Sequence[int] | None = None
    """In `time_base`; regular where None. Written as they are."""
    draw: Callable[[int], Image] | None = None
    """Frame number to (H, W, 3) RGB; the numbered scene where None."""
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] | None = None
    """Of the encoder; None: lossless and quick for libx264, quiet for libx265."""
    color: tuple[int, int, int, int] | None = None
    """H.273 numbers of range (1 limited, 2 full), matrix, primaries, transfer."""
    planes: Callable[[int], NDArray[np.generic]] | None = None
    """Frame number to a coded picture as PyAV's `from_ndarray` takes it; instead of `draw`."""
    rotation: tuple[float, bool, bool] | None = None
    """Display matrix: degrees counter-clockwise, mirrored left-right, mirrored top-bottom."""
    aspect: Fraction | None = None
    """Of a pixel, width by height."""
    sounds: Sequence[Sound] = ()
    subtitles: Sequence[tuple[int, int, str]] = ()
    """Start and end in ms, and text."""
    subtitle_codec: str = "mov_text"
    chapters: Sequence[tuple[float, float, str]] = ()
    """Start and end in seconds, and title."""
    metadata: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Make the file and return its path."""
        with av.open(str(path), "w") as output:
            output.metadata.update(self.metadata)
            packets: list[Packet] = []
            video = self._add_video(output) if self.frames else None
            sounds = [_add_sound(output, sound) for sound in self.sounds]
            texts = self._add_subtitles(output)
            if self.chapters:
                output.set_chapters(
                    [
                        {
                            "id": number,
                            "start": round(start * 1000),
                            "end": round(end * 1000),
                            "time_base": Fraction(1, 1000),
                            "metadata": {"title": title},
                        }
                        for number, (start, end, title) in enumerate(self.chapters)
                    ]
                )
            output.start_encoding()
            if video is not None:
                packets += self._encode_video(video)
            for stream, sound in zip(sounds, self.sounds, strict=True):
                packets += _encode_sound(stream, sound)
            if texts is not None:
                packets += self._encode_subtitles(texts)
            for packet in sorted(packets, key=lambda one: (one.dts or 0) * one.time_base):
                output.mux(packet)
        return path

    def _add_video(self, output: OutputContainer) -> av.VideoStream:
        stream = output.add_stream(self.codec, rate=self.rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self.size_wh
        stream.pix_fmt = self.pixel_format
        stream.time_base = stream.codec_context.time_base = self.time_base or 1 / self.rate
        options = _OPTIONS.get(self.codec, {}) if self.options is None else self.options
        stream.codec_context.options = dict(options)
        stream.codec_context.flags |= int(av.codec.context.Flags.frame_duration)
        if self.color is not None:
            context = stream.codec_context
            context.color_range, context.colorspace = self.color[:2]
            context.color_primaries, context.color_trc = self.color[2:]
        if self.rotation is not None:
            stream.set_display_rotation(*self.rotation)
        if self.aspect is not None:
            stream.codec_context.sample_aspect_ratio = self.aspect
        return stream

    def _encode_video(self, stream: av.VideoStream) -> list[Packet]:
        packets: list[Packet] = []
        time_base = stream.codec_context.time_base
        stamps = self._stamps()
        for number, pts in enumerate(stamps):
            if self.planes is not None:
                frame = av.VideoFrame.from_ndarray(self.planes(number), format=self.pixel_format)
            else:
                image = (self.draw or self._scene)(number)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = pts, time_base
            after = stamps[number + 1] if number + 1 < len(stamps) else None
            frame.duration = after - pts if after else round(1 / (self.rate * time_base))
            packets += stream.encode(frame)
        return packets + stream.encode(None)

    def _stamps(self) -> list[int]:
        if self.pts is not None:
            return list(self.pts)
        unit = 1 / (self.rate * (self.time_base or 1 / self.rate))
        return [round(number * unit) for number in range(self.frames)]

    def _scene(self, number: int) -> Image:
        return scene(number, self.size_wh)

    def _add_subtitles(self, output: OutputContainer) -> av.subtitles.stream.SubtitleStream | None:
        if not self.subtitles:
            return None
        stream = output.add_stream(self.subtitle_codec)
        assert isinstance(stream, av.subtitles.stream.SubtitleStream)
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        stream.codec_context.subtitle_header = _ASS_HEADER
        stream.metadata["language"] = "eng"
        return stream

    def _encode_subtitles(self, stream: av.subtitles.stream.SubtitleStream) -> list[Packet]:
        packets = []
        for number, (start_ms, end_ms, text) in enumerate(self.subtitles):
            line = f"{number},0,Default,,0,0,0,,{text}".encode()
            subtitle = SubtitleSet.create(line, 0, end_ms - start_ms, pts=start_ms)
            packet = stream.codec_context.encode_subtitle(subtitle)
            packet.pts = packet.dts = start_ms
            packet.duration = end_ms - start_ms
            packet.time_base, packet.stream = Fraction(1, 1000), stream
            packets.append(packet)
        return packets


_ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, \
Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def scene(number: int, size_wh: tuple[int, int]) -> Image:
    """Draw a smooth, moderately coloured scene; 8 blocks on the left code the number's bits."""
    width, height = size_wh
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = 2 * np.pi / max(width, height)
    image = np.stack(
        [
            128 + 60 * np.sin(wave * (x + 2 * number)),
            128 + 60 * np.cos(wave * (y + x / 2 + number)),
            128 + 50 * np.sin(wave * (x - y) + number / 5),
        ],
        axis=2,
    ).astype(np.uint8)
    if width >= 16 and height >= 16:
        for bit in range(8):
            top, bottom = bit * height // 8, (bit + 1) * height // 8
            image[top:bottom, : width // 4] = 235 if number >> bit & 1 else 20
    return image


def read_number(image: NDArray[np.generic]) -> int:
    """Return the number that a frame of the scene shows."""
    height, width = image.shape[:2]
    bits = [image[(2 * bit + 1) * height // 16, width // 8].mean() > 128 for bit in range(8)]
    return sum(1 << bit for bit in range(8) if bits[bit])


def flash(number: int, at: Iterable[int], size_wh: tuple[int, int]) -> Image:
    """Draw a white frame at some numbers and a dark one else."""
    return np.full((size_wh[1], size_wh[0], 3), 235 if number in at else 20, dtype=np.uint8)


def _add_sound(output: OutputContainer, sound: Sound) -> av.AudioStream:
    stream = output.add_stream(sound.codec, rate=sound.rate)
    assert isinstance(stream, av.AudioStream)
    stream.layout = sound.layout
    stream.codec_context.time_base = Fraction(1, sound.rate)
    stream.metadata["language"] = sound.language
    return stream


def _encode_sound(stream: av.AudioStream, sound: Sound) -> list[Packet]:
    total = round(sound.length_s * SAMPLE_RATE)
    samples = np.zeros(total, dtype=np.float32)
    length = round(BEEP_S * SAMPLE_RATE)
    tone = 0.5 * np.sin(2 * np.pi * BEEP_HZ * np.arange(length) / SAMPLE_RATE)
    for beep_s in sound.beeps_s:
        first = round((beep_s - sound.start_s) * SAMPLE_RATE)
        room = samples[first : first + length]
        room[:] = tone[: len(room)]
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=sound.layout, rate=sound.rate, frame_size=0
    )
    packets: list[Packet] = []
    step = stream.codec_context.frame_size or 1024
    for begin in range(0, total, step):
        frame = av.AudioFrame.from_ndarray(
            samples[None, begin : begin + step], format="flt", layout="mono"
        )
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = begin + round(sound.start_s * SAMPLE_RATE)
        for ready in resampler.resample(frame):
            packets += stream.encode(ready)
    return packets + stream.encode(None)


def pass_through(
    before: Path, after: Path, settings: OutputSettings | None = None, **how: Any
) -> SourceInfo:
    """Write every frame of a file again, as `-b none` does, and return what the source says."""
    with FileSource(str(before), **how) as source:
        info = source.info
        sink = FileSink(after, settings or OutputSettings(preset="ultrafast"))
        sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
        try:
            while True:
                frame = source.read()
                sink.write(Picture(frame.image, frame.pts, frame.time_base, frame.captured_at_s))
        except EndOfStream:
            sink.close(failed=False)
        except BaseException:
            sink.close(failed=True)
            raise
    return info


def truncate(path: Path, share: float) -> Path:
    """Cut a file off after a share of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def scramble(path: Path, share_from: float, share_to: float = 1.0) -> Path:
    """Overwrite a part of a file with noise."""
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * share_from), int(len(data) * share_to)
    data[first:last] = np.random.default_rng(0).bytes(last - first)
    path.write_bytes(data)
    return path


def read_times(path: Path) -> list[Fraction]:
    """Return the times of all pictures in seconds, in order of presentation."""
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        assert stream.time_base is not None
        stamps = [one.pts for one in media.demux(stream) if one.pts is not None]
        return [stamp * stream.time_base for stamp in sorted(stamps)]


def read_rgb(path: Path) -> list[Image]:
    """Return all pictures as (H, W, 3) RGB, by PyAV's own conversion."""
    with av.open(str(path)) as media:
        return [frame.to_ndarray(format="rgb24") for frame in media.decode(video=0)]


def read_planes(path: Path) -> list[list[NDArray[np.uint8]]]:
    """Return the decoded planes of all pictures (8 bit)."""
    with av.open(str(path)) as media:
        return [_planes(frame) for frame in media.decode(video=0)]


def _planes(frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def read_packets(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """Return time in seconds and content of all packets of the first track of a kind."""
    with av.open(str(path)) as media:
        stream = next(one for one in media.streams if one.type == kind)
        return [
            ((one.pts or 0) * one.time_base, bytes(one)) for one in media.demux(stream) if one.size
        ]


def read_duration(path: Path, kind: str = "video") -> Fraction:
    """Return the length of the first track of a kind (of the whole file where it has none)."""
    with av.open(str(path)) as media:
        stream = next(one for one in media.streams if one.type == kind)
        if stream.duration is None or stream.time_base is None:
            return Fraction(media.duration or 0, av.time_base)
        return stream.duration * stream.time_base


def read_beeps(path: Path, track: int = 0) -> list[float]:
    """Return the times in seconds at which beeps start."""
    times, loud = [], []
    with av.open(str(path)) as media:
        if not media.streams.audio:
            return []
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in media.decode(audio=track):
            for mono in resampler.resample(frame):
                assert mono.time is not None
                samples = np.abs(mono.to_ndarray()[0]) > 0.2
                times.append(mono.time + np.arange(samples.size) / SAMPLE_RATE)
                loud.append(samples)
    if not times:
        return []
    at = np.concatenate(times)[np.concatenate(loud)]
    return [float(one) for one in at[np.diff(at, prepend=-1.0) > BEEP_S]]


def read_flashes(path: Path) -> list[float]:
    """Return the times in seconds of white frames that follow dark ones."""
    flashes, was_white = [], False
    with av.open(str(path)) as media:
        for frame in media.decode(video=0):
            white = float(frame.to_ndarray(format="gray").mean()) > 128
            if white and not was_white:
                assert frame.time is not None
                flashes.append(frame.time)
            was_white = white
    return flashes
