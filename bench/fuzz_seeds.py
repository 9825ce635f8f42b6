"""Small undamaged files of the kinds that people have: the seeds of `bench.fuzz`."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.color_science import CHART, chart_planes, hdr_signal
from tests.media import Clip, Sound, scene
from tests.pictures import animation, cmyk_profile, grid_heic, icc_profile, still

SIZE_WH = (64, 48)
_FIELDS = {"crf": "0", "preset": "ultrafast", "flags": "+ildct+ilme"}
_TAGS = {"title": "A talk", "location": "+48.8577+002.2950/", "make": "Acme"}
_PLACES = [(0, 200, "[latitude: 48.8577] [longitude: 2.2950]"), (200, 400, "A word")]

CLIPS = {
    "untagged.mp4": Clip(sounds=[Sound(0.4)]),
    "tagged.mkv": Clip(codec="ffv1", color=(1, 1, 1, 1), sounds=[Sound(0.4, codec="flac")]),
    "full_range.mov": Clip(codec="mjpeg", pixel_format="yuvj420p", color=(2, 5, 5, 6)),
    "rotated.mov": Clip(rotation=(90, False, False)),
    "wide_pixels.mp4": Clip(aspect=Fraction(16, 15)),
    "edit_list.mp4": Clip(pts=range(7, 17), sounds=[Sound(0.4, start_s=0.1)]),
    "subtitles.mp4": Clip(metadata=_TAGS, subtitles=_PLACES, chapters=[(0, 0.4, "One")]),
    "words.mkv": Clip(subtitles=_PLACES, subtitle_codec="ass", metadata=_TAGS),
    "vp9.webm": Clip(codec="libvpx-vp9", sounds=[Sound(0.4, codec="libopus")]),
    "alpha.mov": Clip(codec="prores_ks", pixel_format="yuva444p10le"),
    # Without a constant quality of their own.
    "vp8.webm": Clip(codec="libvpx", sounds=[Sound(0.4, codec="libopus", layout="stereo")]),
    "mpeg4.avi": Clip(codec="mpeg4", sounds=[Sound(0.4, codec="libmp3lame")]),
    "mpeg2.mpg": Clip(codec="mpeg2video", sounds=[Sound(0.4, codec="mp2")]),
    "dnxhr.mov": Clip(
        (256, 120), 3, codec="dnxhd", pixel_format="yuv422p", options={"profile": "dnxhr_lb"}
    ),
    "lossless.avi": Clip(codec="huffyuv", pixel_format="yuv422p"),
    # Wide colours, and HEVC by both of its names.
    "p3.mp4": Clip(codec="libx265", color=(1, 1, 12, 1)),
    "hevc.ts": Clip(codec="libx265"),
    # Sound: no names of channels, surrounds at the side, samples as they are.
    "no_layout.mkv": Clip(sounds=[Sound(0.4, codec="pcm_s16le", layout="5.1")]),
    "side.mkv": Clip(sounds=[Sound(0.4, codec="ac3", layout="5.1(side)")]),
    "pcm.mov": Clip(sounds=[Sound(0.4, codec="pcm_s24le", layout="stereo")]),
    "pcm.avi": Clip(
        codec="mjpeg",
        pixel_format="yuvj420p",
        rate=Fraction(10),
        sounds=[Sound(0.4, codec="pcm_u8", rate=11_025)],
    ),
    "two_tracks.mp4": Clip(sounds=[Sound(0.4), Sound(0.4, codec="eac3", layout="5.1(side)")]),
    "fields.ts": Clip(options=_FIELDS),
}


def make_seeds(folder: Path) -> list[Path]:
    """Write the undamaged files; returns them in order of their names."""
    for name, clip in CLIPS.items():
        clip.write(folder / name)
    for transfer, number in (("arib-std-b67", 18), ("smpte2084", 16)):
        _hdr_clip(transfer, number).write(folder / f"{transfer}.mp4")
    _write_changing_sizes(folder / "sizes.ts")
    for name, data in _pictures():
        (folder / name).write_bytes(data)
    for suffix in (".bmp", ".jp2", ".ppm", ".tif"):
        assert cv2.imwrite(str(folder / f"plain{suffix}"), scene(3, SIZE_WH)[..., ::-1])
    return sorted(path for path in folder.iterdir() if path.is_file())


def _hdr_clip(transfer: str, number: int) -> Clip:
    planes = chart_planes(hdr_signal(CHART[:4], transfer, "bt2020"), "bt2020", 48)
    return Clip(
        codec="libx265",
        pixel_format="yuv420p10le",
        planes=lambda _number: planes,
        color=(1, 9, 9, number),
    )


def _write_changing_sizes(path: Path) -> None:
    data = b""
    for begin, size_wh in ((0, (64, 48)), (10, (48, 64)), (20, (64, 48))):
        part = Clip(size_wh, pts=range(begin, begin + 10)).write(path.with_name("part.ts"))
        data += part.read_bytes()
        part.unlink()
    path.write_bytes(data)


def _pictures() -> Iterator[tuple[str, bytes]]:
    image, moves = scene(3, SIZE_WH), [scene(number, SIZE_WH) for number in range(3)]
    clear = np.dstack([image, image[..., 0]])
    for kind in ("WEBP", "PNG", "GIF", "AVIF"):
        yield f"moves.{kind.lower()}", animation(moves, [40, 200, 70], kind)
        yield f"clear.{kind.lower()}", still(clear, kind)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        profile = icc_profile("smpte432")
        yield f"profile.{kind.lower()}", still(image, kind, icc_profile=profile)
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    yield "turned.jpg", still(image, "JPEG", exif=exif)
    yield "turned.png", still(clear, "PNG", exif=exif)
    inks = io.BytesIO()
    profile = cmyk_profile((60, -20, -20))
    Image.fromarray(image).convert("CMYK").save(inks, "JPEG", icc_profile=profile)
    yield "inks.jpg", inks.getvalue()
    yield "tiles.heic", grid_heic(image, 32)
    yield "turned.heic", grid_heic(image, 32, turns=1)
