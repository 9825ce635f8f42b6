"""Sound as people really have it: unnamed channels, side surrounds, rates and codecs of old."""

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import Clip, Sound, pass_through, read_beeps, read_packets
from tests.second_reader import decodes_cleanly, ffprobe_stream
from u2cam.stream.media.sound_layout import encoded_layout, encoded_rate
from u2cam.stream.settings import OutputSettings

LENGTH_S, TONE_HZ = 0.6, 60
"""Low, so that an effects channel (LFE) carries it too."""
EXACT = OutputSettings(audio="exact", preset="ultrafast")


def write_film(path: Path, codec: str, layout: str, rate: int = 48_000, loud: int = 0) -> Path:
    """Make a film whose sound has a tone in one channel and silence in the others."""
    clip = Clip(frames=15).write(path.with_name("silent.mkv"))
    with av.open(str(clip)) as pictures, av.open(str(path), "w") as output:
        video = output.add_stream_from_template(pictures.streams.video[0])
        sound = output.add_stream(codec, rate=rate, layout=layout)
        sound.codec_context.options = {"strict": "-2"}  # FFmpeg calls DTS and Vorbis experiments
        output.start_encoding()
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = video
                output.mux(packet)
        channels = av.AudioLayout(layout).nb_channels
        samples = np.zeros((channels, round(LENGTH_S * rate)), np.float32)
        samples[loud] = 0.5 * np.sin(2 * np.pi * TONE_HZ * np.arange(samples.shape[1]) / rate)
        resampler = av.AudioResampler(format=sound.codec_context.format, layout=layout, rate=rate)
        step = sound.codec_context.frame_size or 1024
        for begin in range(0, samples.shape[1], step):
            part = np.ascontiguousarray(samples[:, begin : begin + step])
            # Interleaved: PyAV loses count of eight planes.
            packed = np.ascontiguousarray(part.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
            frame.sample_rate, frame.pts = rate, begin
            for ready in resampler.resample(frame):
                output.mux(sound.encode(ready))
        output.mux(sound.encode(None))
    return path


def write_dts(path: Path, loud: int) -> Path:
    """Make a film with DTS 5.1(side), which PyAV cannot encode; skips without FFmpeg's program."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    film = write_film(path.with_name("flac.mkv"), "flac", "5.1(side)", loud=loud)
    coding = ["-c:v", "copy", "-c:a", "dca", "-strict", "-2", str(path)]
    subprocess.run([program, "-v", "error", "-i", str(film), *coding], check=True, timeout=60)
    return path


def loud_channels(path: Path) -> list[str]:
    """Return the names of the channels in which there is the tone."""
    with av.open(str(path)) as media:
        stream = media.streams.audio[0]
        names = [channel.name for channel in stream.layout.channels]
        resampler = av.AudioResampler(format="flt", layout=stream.layout.name, rate=stream.rate)
        parts = [
            one.to_ndarray().reshape(-1, len(names)).T
            for frame in media.decode(stream)
            for one in resampler.resample(frame)
        ]
    samples = np.concatenate(parts, axis=1)
    return [name for name, one in zip(names, samples, strict=True) if np.abs(one).max() > 0.1]


# Channels

SIDES = ["FL", "FR", "FC", "LFE", "SL", "SR"]


@pytest.mark.parametrize("ending", ["webm", "mp4"])
@pytest.mark.parametrize("loud", range(6))
def test_every_channel_of_5_1_side_keeps_its_place(tmp_path: Path, ending: str, loud: int) -> None:
    before = write_film(tmp_path / "a.mov", "pcm_s16le", "5.1(side)", loud=loud)
    after = tmp_path / f"b.{ending}"
    pass_through(before, after)
    place = {"SL": "BL", "SR": "BR"}.get(SIDES[loud], SIDES[loud])
    assert loud_channels(after) == [place]
    assert ffprobe_stream(after, "audio")["channel_layout"] == "5.1"


@pytest.mark.parametrize("ending", ["mp4", "webm", "mov"])
@pytest.mark.parametrize("loud", [2, 3, 5])
def test_dts_is_encoded_with_its_channels_in_place(tmp_path: Path, ending: str, loud: int) -> None:
    before = write_dts(tmp_path / "a.mkv", loud)
    pass_through(before, tmp_path / f"b.{ending}")
    expected = [{"SR": "BR"}.get(one, one) for one in loud_channels(before)]
    assert loud_channels(tmp_path / f"b.{ending}") == expected
    assert ffprobe_stream(tmp_path / f"b.{ending}", "audio")["codec_name"] in ("aac", "opus")


@pytest.mark.parametrize("codec", ["ac3", "eac3"])
def test_dolby_surround_is_copied_to_mp4_and_encoded_for_webm(tmp_path: Path, codec: str) -> None:
    before = write_film(tmp_path / "a.mkv", codec, "5.1(side)", loud=4)
    pass_through(before, tmp_path / "b.mp4")
    pass_through(before, tmp_path / "b.webm")
    ours, theirs = (read_packets(tmp_path / name, "audio") for name in ("a.mkv", "b.mp4"))
    assert [data for _, data in ours] == [data for _, data in theirs]
    assert loud_channels(tmp_path / "b.webm") == ["BL"]


@pytest.mark.parametrize(
    ("layout", "loud", "ending", "becomes", "place"),
    [
        ("7.1", 6, "webm", "7.1", "SL"),
        ("7.1", 4, "mp4", "7.1", "BL"),
        ("quad", 3, "mp4", "5.0", "BR"),
        ("quad", 2, "webm", "quad", "BL"),
        ("4.0", 3, "mp4", "4.0", "BC"),
        ("4.0", 3, "webm", "5.1", None),
        ("2.1", 2, "webm", "5.1", "LFE"),
        ("2.1", 2, "mp4", "5.1", "LFE"),
        ("5.0(side)", 3, "webm", "5.1", "BL"),
        ("5.0", 2, "webm", "5.1", "FC"),
        ("6.1", 5, "webm", "7.1", "SL"),
        ("6.1", 4, "mp4", "7.1", None),
        ("3.1", 3, "mp4", "5.1", "LFE"),
        ("mono", 0, "mp4", "mono", "FC"),
    ],
)
def test_other_layouts_become_one_that_has_a_place_for_each_channel(
    tmp_path: Path, layout: str, loud: int, ending: str, becomes: str, place: str | None
) -> None:
    before = write_film(tmp_path / "a.mov", "pcm_s16le", layout, loud=loud)
    after = tmp_path / f"b.{ending}"
    pass_through(before, after)
    with av.open(str(after)) as media:
        assert media.streams.audio[0].layout.name == becomes
    # A back centre goes to both backs where there is no centre.
    assert loud_channels(after) == ([place] if place else ["BL", "BR"])


@pytest.mark.parametrize("encoder", ["aac", "libopus"])
def test_every_layout_that_ffmpeg_names_becomes_one_that_the_encoder_takes(encoder: str) -> None:
    names = "mono stereo downmix 2.1 3.0 3.0(back) 4.0 quad quad(side) 3.1 5.0 5.0(side) 4.1 5.1 "
    names += "5.1(side) 6.0 6.0(front) 3.1.2 hexagonal 6.1 6.1(back) 6.1(front) 7.0 7.0(front) 7.1 "
    names += "7.1(wide) 7.1(wide-side) 5.1.2 octagonal cube 7.1.4 hexadecagonal 22.2"
    for name in names.split():
        context = av.CodecContext.create(encoder, "w")
        context.format = "fltp" if encoder == "aac" else "s16"
        context.sample_rate = 48_000
        context.layout = encoded_layout(encoder, av.AudioLayout(name))
        context.open()


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("ending", ["mp4", "webm", "mov", "mkv"])
def test_channels_without_names_are_no_reason_to_fail(
    tmp_path: Path, channels: int, ending: str
) -> None:
    layout = ["mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1"][channels - 1]
    # Matroska names no layout of PCM.
    before = write_film(tmp_path / "a.mkv", "pcm_s16le", layout, loud=channels - 1)
    with av.open(str(before)) as media:
        named = media.streams.audio[0].layout.name
        assert named == f"{channels} channels" or channels <= 2
    after = tmp_path / f"b.{ending}"
    pass_through(before, after)
    found = ffprobe_stream(after, "audio")
    assert found["channels"] >= channels
    assert decodes_cleanly(after)


def test_many_channels_without_names_are_named_in_the_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = write_film(tmp_path / "a.mkv", "pcm_s16le", "5.1.4")
    pass_through(before, tmp_path / "b.mp4")
    assert ["cannot be kept" in one.getMessage() for one in caplog.records] == [True]


# Rates


@pytest.mark.parametrize(
    ("rate", "becomes"),
    [(5_512, 7_350), (8_000, 8_000), (11_025, 11_025), (37_800, 44_100), (192_000, 96_000)],
)
def test_odd_rates_become_the_next_that_the_encoder_takes(
    tmp_path: Path, rate: int, becomes: int
) -> None:
    assert encoded_rate("aac", rate) == becomes
    before = write_film(
        tmp_path / "a.avi", "pcm_u8" if rate < 96_000 else "pcm_s16le", "mono", rate
    )
    pass_through(before, tmp_path / "b.mp4")
    assert int(ffprobe_stream(tmp_path / "b.mp4", "audio")["sample_rate"]) == becomes
    assert loud_channels(tmp_path / "b.mp4") == ["FC"]


# Codecs that a container can hold, and what players play


@pytest.mark.parametrize(
    ("codec", "layout", "becomes"),
    [
        ("pcm_s16le", "stereo", "aac"),
        ("pcm_s24be", "stereo", "aac"),
        ("pcm_f32le", "mono", "aac"),
        ("libvorbis", "stereo", "aac"),
        ("vorbis", "stereo", "aac"),
        ("truehd", "5.1(side)", "aac"),
        ("aac", "stereo", "aac"),
        ("libmp3lame", "stereo", "mp3"),
        ("mp2", "stereo", "mp3"),  # as MP4 calls it
        ("ac3", "stereo", "ac3"),
        ("alac", "stereo", "alac"),
        ("flac", "stereo", "flac"),
        ("libopus", "stereo", "opus"),
    ],
)
def test_mp4_gets_sound_that_players_play(
    tmp_path: Path, codec: str, layout: str, becomes: str
) -> None:
    try:
        before = write_film(tmp_path / "a.mkv", codec, layout)
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"no encoder {codec} here: {error}")
    pass_through(before, tmp_path / "b.mp4")
    assert ffprobe_stream(tmp_path / "b.mp4", "audio")["codec_name"] == becomes
    assert decodes_cleanly(tmp_path / "b.mp4")


@pytest.mark.parametrize("codec", ["pcm_s24be", "pcm_s16le", "pcm_f32le"])
def test_exact_sound_stays_what_it_was(tmp_path: Path, codec: str) -> None:
    before = write_film(tmp_path / "a.mov", codec, "stereo")
    pass_through(before, tmp_path / "b.mp4", EXACT)
    ours, theirs = (read_packets(tmp_path / name, "audio") for name in ("a.mov", "b.mp4"))
    assert b"".join(data for _, data in ours) == b"".join(data for _, data in theirs)
    with av.open(str(tmp_path / "b.mp4")) as media:  # Debian's FFmpeg is too old for PCM in mp4
        assert media.streams.audio[0].codec_context.name == codec


def test_exact_sound_that_cannot_be_is_said_and_encoded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = write_film(tmp_path / "a.mkv", "pcm_s16le", "5.1")  # its channels have no names
    pass_through(before, tmp_path / "b.mp4", EXACT)
    assert ["encoded again" in one.getMessage() for one in caplog.records] == [True]
    assert ffprobe_stream(tmp_path / "b.mp4", "audio")["codec_name"] == "aac"


def test_quicktime_keeps_pcm(tmp_path: Path) -> None:
    before = write_film(tmp_path / "a.mov", "pcm_s24le", "stereo")
    pass_through(before, tmp_path / "b.mov")
    assert ffprobe_stream(tmp_path / "b.mov", "audio")["codec_name"] == "pcm_s24le"


# The cases at hand


@pytest.mark.parametrize("ending", ["mp4", "webm", "mkv", "mov"])
@pytest.mark.parametrize("name", ["ac3_51side.mkv", "mjpeg_pcm.avi", "pcm_u8.avi", "pcm_24.mov"])
def test_the_shared_cases_come_out_with_their_sound(
    shared_dir: Path, tmp_path: Path, name: str, ending: str
) -> None:
    after = tmp_path / f"b.{ending}"
    case = shared_dir / "cases" / name
    if not case.exists():
        pytest.skip(f"{name} is not there")
    pass_through(case, after)
    assert ffprobe_stream(after, "audio")["channels"] in (1, 2, 6)
    assert decodes_cleanly(after)


def test_sound_that_is_encoded_stays_in_sync(tmp_path: Path) -> None:
    clip = Clip(frames=50, sounds=[Sound(2.0, (0.5, 1.5), "pcm_s16le")])
    pass_through(clip.write(tmp_path / "a.mov"), tmp_path / "b.mp4")
    assert read_beeps(tmp_path / "b.mp4") == pytest.approx([0.5, 1.5], abs=0.003)
