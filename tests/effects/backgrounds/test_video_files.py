"""Videos of every kind as background: decoded as inputs are."""

import io
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests import alpha_clips
from tests.alpha_clips import ANIMATIONS, OPAQUE_FROM, SHOWN, VIDEOS, near
from tests.color_science import CHART, delta_e
from tests.hdr_clips import changing_chart
from tests.media import Clip, Sound
from tests.reading import read_clip
from tests.stream.sources.test_interlaced import INTERLACED, SIZE_WH, two_fields
from u2cam.core.errors import BackgroundError
from u2cam.effects.backgrounds.base import Replacement
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.settings import BackgroundSettings

BEHIND = (10, 20, 200)


@pytest.mark.parametrize("name", [*VIDEOS, *(f"a.{ending}" for ending in ANIMATIONS)])
def test_transparent_parts_of_every_kind_show_the_colour_of_the_setting(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name in VIDEOS:
        alpha_clips.write_video(path)
    else:
        alpha_clips.write_animation(path)
    background = parse_background(str(path), BackgroundSettings(transparent="#0a14c8"))
    assert isinstance(background, Replacement)
    for number in range(8):  # around the loop
        picture = background.picture(alpha_clips.SIZE_WH, number / 25)
        assert near(picture[10, 5], BEHIND)
        assert near(picture[10, OPAQUE_FROM + 10], SHOWN)


def test_an_interlaced_clip_is_made_progressive_as_an_input_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = Clip(SIZE_WH, frames=12, draw=two_fields, options=INTERLACED).write(tmp_path / "a.mp4")
    background = VideoBackground(path)
    seen = [background.picture(SIZE_WH, number / 25).copy() for number in range(30)]
    said = [one.getMessage() for one in caplog.records]
    assert said == ["background a.mp4: interlaced; made progressive (bwdif)"]
    wanted = [frame.image for frame in read_clip(path)]
    for number, picture in enumerate(seen):
        assert np.array_equal(picture, wanted[number % 12])


@pytest.mark.parametrize(
    ("ending", "codec"),
    [
        ("mp4", "libx264"),
        ("ts", "libx264"),
        ("h264", "libx264"),
        ("mpg", "mpeg2video"),
        ("avi", "mpeg4"),
        ("webm", "libvpx-vp9"),
        ("flv", "libx264"),
    ],
)
def test_every_container_loops_with_the_pictures_of_the_same_input(
    tmp_path: Path, ending: str, codec: str
) -> None:
    path = Clip(frames=10, codec=codec).write(tmp_path / f"a.{ending}")
    wanted = [frame.image for frame in read_clip(path)]
    background = VideoBackground(path)
    for number in range(25):
        assert np.array_equal(background.picture((64, 48), number / 25), wanted[number % 10])


@pytest.mark.parametrize("moving", [0, 4])
def test_theora_shows_still_pictures_again(tmp_path: Path, moving: int) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not there")
    film = tmp_path / "a.ogv"
    # What stays the same is an empty packet.
    drawn = f"testsrc=s=64x48:r=10:d={(moving + 1) / 10},tpad=stop_mode=clone:stop=12"
    made = [program, "-v", "error", "-f", "lavfi", "-i", drawn, "-c:v", "libtheora", str(film)]
    subprocess.run(made, check=True, timeout=60)
    wanted = [frame.image for frame in read_clip(film)]
    assert len(wanted) > 10
    background = VideoBackground(film)
    for number in range(3 * len(wanted)):
        picture = background.picture((64, 48), number / 10)
        assert np.array_equal(picture, wanted[number % len(wanted)]), number


def test_a_cover_picture_is_not_taken_for_the_clip(tmp_path: Path) -> None:
    film = Clip(frames=3, draw=lambda number: np.full((48, 64, 3), 180, np.uint8))
    song = with_cover(film.write(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    assert VideoBackground(song).picture((64, 48), 0.0).mean() == pytest.approx(180, abs=3)


def with_cover(film: Path, path: Path) -> Path:
    """Write a file whose first picture track is a cover."""
    stored = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(stored, "PNG")
    with av.open(str(film)) as media, av.open(str(path), "w") as output:
        cover = output.add_stream("png", rate=1)
        assert isinstance(cover, av.VideoStream)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        stream = output.add_stream_from_template(media.streams.video[0], opaque=True)
        packet = av.Packet(stored.getvalue())
        packet.pts = packet.dts = 0
        packet.stream, packet.is_keyframe = cover, True
        output.mux(packet)
        for packet in media.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return path


@pytest.mark.parametrize("order", [("bt709", "arib-std-b67"), ("smpte2084", "bt709")])
def test_colours_that_change_within_a_clip_are_read_anew(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    background = VideoBackground(changing_chart(tmp_path, *order))
    for number in range(8):
        picture = background.picture((16 * len(CHART), 16), number / 25)
        assert delta_e(picture[8, 8::16], CHART).max() < 3, number


def test_a_file_without_a_picture_is_refused_in_one_line(tmp_path: Path) -> None:
    path = Clip(frames=0, sounds=[Sound(0.2)]).write(tmp_path / "a.mp4")
    with pytest.raises(BackgroundError, match=r"background .*a\.mp4: there is only sound"):
        VideoBackground(path)


def test_a_transport_stream_of_a_camera_loops_from_its_first_picture(shared_dir: Path) -> None:
    path = shared_dir / "cases" / "interlaced.mts"
    if not path.exists():
        pytest.skip("interlaced.mts is not there")
    wanted = [frame.image for frame in read_clip(path)]
    size_wh = (wanted[0].shape[1], wanted[0].shape[0])
    background = VideoBackground(path)
    for number in range(70):
        picture = background.picture(size_wh, number / 25)
        assert np.array_equal(picture, wanted[number % len(wanted)]), number
