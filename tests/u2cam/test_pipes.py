"""The real program between two real pipes; what it wrote is read back by FFmpeg's own program."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.media import BEEP_S, Clip, Sound, read_beeps, read_number, read_rgb, read_times, scene
from tests.second_reader import decodes_cleanly, ffprobe, ffprobe_stream
from u2cam.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SIZE_WH = (64, 48)
pytestmark = pytest.mark.timeout(180)


def program(*argv: str | Path) -> list[str]:
    words = [str(word) for word in (*argv, "-m", "grabcut", "-b", "none")]
    return [sys.executable, str(ROOT / "run_camera.py"), *words]


def through(given: bytes, *argv: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """Run the program with bytes in its standard input."""
    return subprocess.run(program(*argv), input=given, capture_output=True, timeout=120)


def y4m(numbers: Sequence[int], rate: str = "25:1") -> bytes:
    header = f"YUV4MPEG2 W{SIZE_WH[0]} H{SIZE_WH[1]} F{rate} Ip A1:1 C420jpeg\n".encode()
    pictures = (cv2.cvtColor(scene(one, SIZE_WH), cv2.COLOR_RGB2YUV_I420) for one in numbers)
    return header + b"".join(b"FRAME\n" + one.tobytes() for one in pictures)


def numbers_in(path: Path) -> list[int]:
    return [read_number(image) for image in read_rgb(path)]


def test_a_film_goes_through_two_pipes_with_its_sound_and_its_times(tmp_path: Path) -> None:
    pts = [0, 1, 2, 3, 5, 6, 9, 10, 11, 14]
    sound = Sound(length_s=0.7, beeps_s=[0.2])
    clip = Clip(pts=pts, sounds=[sound], metadata={"title": "talk"}).write(tmp_path / "talk.mkv")
    done = through(clip.read_bytes(), "-i", "-", "-o", "-")
    assert done.returncode == 0, done.stderr
    assert b"10 frames" in done.stderr
    out = tmp_path / "out.mkv"
    out.write_bytes(done.stdout)
    assert [float(time) for time in read_times(out)] == [one / 25 for one in pts]
    assert read_beeps(out) == pytest.approx(read_beeps(clip), abs=0.002)
    assert decodes_cleanly(out)
    assert ffprobe_stream(out, "audio")["codec_name"] == "aac"
    assert ffprobe(out)["format"]["tags"]["title"] == "talk"


def test_sound_of_a_pipe_reaches_two_files_one_of_them_encoded_again(tmp_path: Path) -> None:
    sound = Sound(length_s=0.8, beeps_s=[0.3], codec="pcm_s16le")
    clip = Clip(frames=20, sounds=[sound]).write(tmp_path / "talk.mkv")
    first, second = tmp_path / "a.mp4", tmp_path / "b.mkv"
    done = through(clip.read_bytes(), "-i", "-", "-o", first, "-o", second)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(first).encode())
    codecs = [ffprobe_stream(path, "audio")["codec_name"] for path in (first, second)]
    assert codecs == ["aac", "pcm_s16le"]
    for path in (first, second):
        assert read_beeps(path) == pytest.approx([0.3], abs=0.005)


@pytest.mark.parametrize(("bits", "pixels"), [(8, "yuv420p"), (10, "yuv420p10le")])
def test_y4m_goes_in_and_out_with_every_picture(tmp_path: Path, bits: int, pixels: str) -> None:
    how = ["-i", "-", "-o", "y4m:-", "--set", f"output.bits={bits}", "--quiet"]
    done = through(y4m(range(8), "30000:1001"), *how)
    assert (done.returncode, done.stderr) == (0, b"")
    out = tmp_path / "out.y4m"
    out.write_bytes(done.stdout)
    assert numbers_in(out) == list(range(8))
    again = through(done.stdout, "-i", "-", "-o", "rgb24:-", "--quiet")  # 10 bits in
    assert again.returncode == 0, again.stderr
    assert len(again.stdout) == 8 * SIZE_WH[0] * SIZE_WH[1] * 3
    shown = ffprobe_stream(out, "video")
    assert (shown["pix_fmt"], shown["r_frame_rate"]) == (pixels, "30000/1001")


def test_raw_pictures_go_in_by_their_size_and_come_out_raw_and_unchanged() -> None:
    given = np.stack([scene(number, SIZE_WH) for number in range(5)])
    size = ["--width", str(SIZE_WH[0]), "--height", str(SIZE_WH[1]), "--fps", "10"]
    done = through(given.tobytes(), "-i", "-", "-o", "rgb24:-", *size)
    assert done.returncode == 0, done.stderr
    assert done.stdout == given.tobytes()


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_pictures_in_a_row_come_out_as_pictures_in_a_row(ending: str) -> None:
    images = [scene(number, SIZE_WH)[..., ::-1] for number in range(4)]
    given = b"".join(cv2.imencode(ending, image)[1].tobytes() for image in images)
    done = through(given, "-i", "-", "-o", "png:-", "--fps", "5")
    assert done.returncode == 0, done.stderr
    with av.open(io.BytesIO(done.stdout), format="png_pipe") as media:
        shown = [frame.to_ndarray(format="rgb24") for frame in media.decode(video=0)]
    assert [read_number(image) for image in shown] == list(range(4))


def test_one_picture_is_cut_out_in_a_pipe() -> None:
    given = cv2.imencode(".png", scene(3, SIZE_WH))[1].tobytes()
    done = through(given, "-i", "-", "-o", "png:-", "--view", "cutout")
    assert done.returncode == 0, done.stderr
    shown = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_UNCHANGED)
    assert shown.shape == (*SIZE_WH[::-1], 4)


@pytest.mark.skipif(sys.platform == "win32", reason="the shell's head")
@pytest.mark.parametrize("output", ["-", "y4m:-"])
def test_a_reader_that_goes_away_ends_the_run_in_one_line(output: str) -> None:
    first = subprocess.Popen(
        program("-i", "demo", "-o", output), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert first.stdout is not None
    assert first.stderr is not None
    assert len(os.read(first.stdout.fileno(), 1000)) > 0
    first.stdout.close()
    said = first.stderr.read()
    assert first.wait(timeout=60) == 1
    first.stderr.close()
    assert said.decode().splitlines() == [
        "u2cam: standard output: who read it has gone; the rest was not written"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process")
def test_ctrl_c_finishes_the_stream_while_the_input_stands_still(tmp_path: Path) -> None:
    process = subprocess.Popen(
        program("-i", "-", "-o", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(y4m(range(60)))
    process.stdin.flush()
    begun = os.read(process.stdout.fileno(), 1000)  # pictures are coming: it runs
    process.send_signal(signal.SIGINT)
    began_s = time.monotonic()
    rest = process.stdout.read()
    said = process.stderr.read().decode() if process.stderr else ""
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - began_s < 20
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    assert "Traceback" not in said
    assert "left behind" not in said
    out = tmp_path / "out.mkv"
    out.write_bytes(begun + rest)
    assert len(numbers_in(out)) > 0
    assert decodes_cleanly(out)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("-i demo -o - -o y4m:-", "given twice"),
        ("-i demo -o mp4:-", "y4m:-"),
        ("-i demo -o y4m:- --view cutout", "cannot hold alpha"),
        ("-i y4m:- -o null", "rgb24:-"),
        ("-i - -o null --start 2", "standard input"),
        ("-i rgb24:- -o null", "--width and --height"),
    ],
)
def test_what_no_pipe_can_do_is_refused_in_one_line(
    arguments: str, named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments.split(), "-m", "grabcut"]) == 2
    out, said = capfd.readouterr()
    assert (out, said.count("\n")) == ("", 1)
    assert named in said


def test_a_size_for_a_stream_that_tells_its_own_is_refused() -> None:
    done = through(y4m(range(2)), "-i", "-", "-o", "null", "--width", "64")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"--width and --height" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_terminal_is_no_pipe() -> None:
    ours, theirs = os.openpty()
    try:
        for words in (["-i", "demo", "-o", "-"], ["-i", "-", "-o", "null"]):
            done = subprocess.run(
                program(*words), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, timeout=60
            )
            assert done.returncode == 2
            assert done.stderr.count(b"\n") == 1
            assert b"is a terminal" in done.stderr
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.skipif(sys.platform == "win32", reason="what /dev/stdin is")
def test_a_file_that_a_shell_led_into_both_ends_is_refused(tmp_path: Path) -> None:
    clip = Clip().write(tmp_path / "talk.mkv")
    before = clip.read_bytes()
    with clip.open("rb") as given, clip.open("ab") as written:
        done = subprocess.run(
            program("-i", "-", "-o", "-"),
            stdin=given,
            stdout=written,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 2
    assert b"the input" in done.stderr
    assert clip.read_bytes() == before


def test_sound_behind_the_last_picture_that_was_asked_for_is_there(tmp_path: Path) -> None:
    sound = Sound(length_s=4.0, beeps_s=[0.75])
    clip = Clip(frames=100, sounds=[sound]).write(tmp_path / "talk.mkv")
    done = through(clip.read_bytes(), "-i", "-", "-o", tmp_path / "out.mkv", "--frames", "20")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out.mkv"
    assert len(read_times(out)) == 20
    assert read_beeps(out) == pytest.approx([0.75], abs=0.005)
    with av.open(str(out)) as media:
        ends = [(one.pts + one.duration) * one.time_base for one in media.demux(audio=0) if one.pts]
    assert abs(max(ends) - Fraction(20, 25)) < BEEP_S


def test_a_pipe_ends_at_a_time_and_is_turned_as_a_file_is(tmp_path: Path) -> None:
    clip = Clip(frames=20, sounds=[Sound(length_s=0.8, beeps_s=[0.2])]).write(tmp_path / "a.mkv")
    out = tmp_path / "out.mkv"
    done = through(clip.read_bytes(), "-i", "-", "-o", out, "--end", "0.4", "--rotate", "180")
    assert done.returncode == 0, done.stderr
    shown = read_rgb(out)
    assert [read_number(image[::-1, ::-1]) for image in shown] == list(range(10))
    assert read_beeps(out) == pytest.approx([0.2], abs=0.005)
