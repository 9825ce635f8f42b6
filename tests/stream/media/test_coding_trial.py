"""What a muxer refuses is found before the first frame, and times are those of the pictures."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import Clip, pass_through, read_times, scene
from u2cam.core.errors import BackgroundError, SinkError
from u2cam.core.frame import Picture
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.stream.media.limits import check_media
from u2cam.stream.settings import LimitsSettings, OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink

MS = Fraction(1, 1000)


@pytest.mark.parametrize(("codec", "ending"), [("libvpx", "mov"), ("rawvideo", "mov")])
def test_a_codec_that_the_file_refuses_at_its_end_is_refused_when_it_is_opened(
    tmp_path: Path, codec: str, ending: str
) -> None:
    sink = FileSink(tmp_path / f"a.{ending}", OutputSettings(codec=codec))
    with pytest.raises(SinkError, match=f"output.codec {codec} does not encode"):
        sink.open(PictureFormat((64, 48), Fraction(25), MS))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("codec", ["mpeg4", "msmpeg4", "mjpeg"])
def test_encoders_that_count_in_16_bits_take_a_transport_stream(tmp_path: Path, codec: str) -> None:
    before = Clip(frames=5, rate=Fraction(30000, 1001)).write(tmp_path / "a.ts")  # 90000 a second
    pass_through(before, tmp_path / "b.mkv", OutputSettings(codec=codec))
    wanted = [round(1000 * 1001 * number / 30000) for number in range(5)]
    assert [round(1000 * one) for one in read_times(tmp_path / "b.mkv")] == wanted


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv"])
def test_short_films_of_hevc_have_their_own_times(tmp_path: Path, count: int, ending: str) -> None:
    for number in range(10):  # x265 makes some times up, and others each time
        path = tmp_path / f"{number}.{ending}"
        sink = FileSink(path, OutputSettings(bits=10, preset="ultrafast"))
        sink.open(PictureFormat((64, 48), Fraction(25), MS))
        for index in range(count):
            sink.write(Picture(scene(index, (64, 48)), 40 * index, MS, 0.0))
        sink.close(failed=False)
        assert read_times(path) == [Fraction(index, 25) for index in range(count)]
        with av.open(str(path)) as media:
            stamps = [(one.dts or 0) * one.time_base for one in media.demux(video=0) if one.size]
        assert max(abs(stamp) for stamp in stamps) < 1


def test_a_track_of_an_unknown_codec_is_one_line(tmp_path: Path) -> None:
    data = bytearray(Clip(frames=2).write(tmp_path / "a.mp4").read_bytes())
    at = data.index(b"avc1", data.index(b"stsd"))
    data[at : at + 4] = b"zzzz"
    (tmp_path / "b.mp4").write_bytes(data)
    check_media(tmp_path / "b.mp4", LimitsSettings())
    with pytest.raises(BackgroundError, match="no decoder for its video format"):
        VideoBackground(tmp_path / "b.mp4")
