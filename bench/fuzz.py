"""Damaged media files against the sources and the file sink: no hang, no crash, no traceback.

    python -m bench.fuzz                     # 2000 inputs, prints a Markdown table
    python -m bench.fuzz --count 60 --seed 7

Every input is a small valid file with damage: flipped bits, a cut, noise over a part, a header of
another file, or numbers in the header set to absurd sizes and rates. A child process with limits
on memory and time reads each and writes a file from it, as the program would; when it dies or stays
silent too long, the parent notes it and starts another at the next input. Fails (exit code 1)
unless every input was read or refused in one line. Linux and macOS.
"""

import argparse
import random
import resource
import select
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2

from tests.media import Clip, Sound, scene
from tests.pictures import animation, grid_heic, icc_profile, still
from u2cam.core.frame import Picture
from u2cam.stream.settings import LimitsSettings, OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import EndOfStream, Source
from u2cam.stream.sources.pictures import picture_source
from u2cam.stream.sources.video import FileSource

PATIENCE_S = 20.0
"""For one input, which an undamaged one needs well under a second of."""
MEMORY_BYTES = 6 * 2**30
"""Of address space, of which the libraries take two to three before the first input."""
MOST_FRAMES = 40
GOOD = ("read", "refused")


def make_seeds(folder: Path) -> list[Path]:
    """Write the undamaged files."""
    clips = {
        "a.mp4": Clip(sounds=[Sound(0.4)]),
        "b.mkv": Clip(codec="ffv1", pixel_format="yuv420p"),
        "c.mov": Clip(rotation=(90, False, False)),
        "d.webm": Clip(codec="libvpx-vp9", options={}),
        "e.avi": Clip(codec="mjpeg", pixel_format="yuvj420p", rate=Fraction(10)),
        "f.mkv": Clip(codec="ffv1", pixel_format="yuv420p10le", color=(1, 9, 9, 18)),
        # Side surrounds, channels without names, fields.
        "j.mkv": Clip(sounds=[Sound(0.4, codec="ac3", layout="5.1(side)")]),
        "g.avi": Clip(codec="mjpeg", pixel_format="yuvj420p", sounds=[Sound(0.4, (), "pcm_u8")]),
        "h.mkv": Clip(sounds=[Sound(0.4, codec="pcm_s16le", layout="5.1")]),
        "i.ts": Clip(options={"crf": "0", "preset": "ultrafast", "flags": "+ildct+ilme"}),
    }
    seeds = []
    for name, clip in clips.items():
        seeds.append(clip.write(folder / name))
    # The size changes within the file.
    sizes = [Clip(size_wh, pts=range(n, n + 10)) for n, size_wh in ((0, (64, 48)), (10, (48, 64)))]
    parts = [one.write(folder / f"part{n}.ts").read_bytes() for n, one in enumerate(sizes)]
    seeds.append(folder / "j.ts")
    seeds[-1].write_bytes(b"".join(parts))
    for suffix in (".png", ".jpg", ".bmp", ".webp", ".tif"):
        path = folder / f"image{suffix}"
        assert cv2.imwrite(str(path), scene(3, (64, 48))[..., ::-1])
        seeds.append(path)
    image, moves = scene(3, (64, 48)), [scene(number, (64, 48)) for number in range(3)]
    pictures = {
        "tiles.heic": grid_heic(image, 32),
        "moves.webp": animation(moves, [40, 40, 40], "WEBP"),
        "moves.png": animation(moves, [40, 40, 40], "PNG"),
        "moves.gif": animation(moves, [40, 40, 40], "GIF"),
        "still.avif": still(image, "AVIF"),
        "profile.jpg": still(image, "JPEG", icc_profile=icc_profile("smpte432")),
    }
    for name, data in pictures.items():
        path = folder / name
        path.write_bytes(data)
        seeds.append(path)
    return seeds


def flip_bits(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A bad memory cell or cable: one to sixty bits."""
    for _ in range(chance.choice((1, 5, 60))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A download that broke off."""
    del data[chance.randrange(len(data)) :]


def noise(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A bad block."""
    begin = chance.randrange(len(data))
    length = min(chance.choice((16, 512, 4096)), len(data) - begin)
    data[begin : begin + length] = chance.randbytes(length)


def splice(data: bytearray, chance: random.Random, other: bytes) -> None:
    """The header of one file before the body of another."""
    length = chance.choice((32, 256, 2048))
    data[:length] = other[:length]


def absurd(data: bytearray, chance: random.Random, other: bytes) -> None:
    """Absurd sizes, counts and rates in the header."""
    value = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\xff\xff"))
    for name in (b"tkhd", b"avc1", b"stts", b"stsz", b"mvhd", b"IHDR", b"strh", b"avih", b"mdhd"):
        at = data.find(name)
        if at >= 0 and chance.random() < 0.6:
            offset = at + 4 + 4 * chance.randrange(22)
            data[offset : offset + 4] = value
    at = 4 * chance.randrange(max(1, min(64, len(data) // 4)))
    data[at : at + 4] = value


DAMAGES: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    flip_bits,
    cut,
    noise,
    splice,
    absurd,
)


def _seed_of(seeds: Sequence[Path], number: int) -> Path:
    return seeds[number // len(DAMAGES) % len(seeds)]


def _damage_of(number: int) -> Callable[[bytearray, random.Random, bytes], None]:
    return DAMAGES[number % len(DAMAGES)]


def make_input(seeds: Sequence[Path], folder: Path, number: int, seed: int) -> tuple[Path, str]:
    """Write one damaged file; returns it and the kind of damage."""
    chance = random.Random(f"{seed}:{number}")
    path, damage = _seed_of(seeds, number), _damage_of(number)
    data = bytearray(path.read_bytes())
    damage(data, chance, chance.choice(seeds).read_bytes())
    damaged = folder / f"damaged{path.suffix}"
    damaged.write_bytes(data)
    return damaged, damage.__name__


def try_input(path: Path, out: Path) -> str:
    """Read a file and write another from it; returns what came of it."""
    out.unlink(missing_ok=True)
    pictures = picture_source(str(path), fps=None, limits=LimitsSettings())
    source: Source = FileSource(str(path)) if pictures is None else pictures
    sink: FileSink | None = None
    try:
        with source:
            info = source.info
            sink = FileSink(out, OutputSettings(preset="ultrafast"))
            sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
            try:
                for _ in range(MOST_FRAMES):
                    frame = source.read()
                    sink.write(
                        Picture(frame.image, frame.pts, frame.time_base, frame.captured_at_s)
                    )
            except EndOfStream:
                pass
            sink.close(failed=False)
    except (ValueError, OSError) as error:
        if sink is not None:
            sink.close(failed=True)
        if out.exists():
            return "file after failure"
        return "refused" if str(error).strip() and "\n" not in str(error) else "unclear message"
    if not out.exists():
        return "no file"
    with av.open(str(out)) as media:
        next(media.decode(video=0))
    return "read"


def child(seed: int, first: int, last: int, folder: Path) -> None:
    """Try some inputs; one line for each on stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    seeds = sorted(p for p in folder.iterdir() if p.is_file())
    with tempfile.TemporaryDirectory() as work:
        for number in range(first, last):
            path, _ = make_input(seeds, Path(work), number, seed)
            try:
                outcome = try_input(path, Path(work) / "out.mp4")
            except MemoryError:
                outcome = "out of memory"
            except Exception as error:
                outcome = f"traceback: {type(error).__name__}: {' '.join(str(error).split())[:80]}"
            print(number, outcome, sep="\t", flush=True)


def run(count: int, seed: int) -> dict[str, Counter[str]]:
    """Try all inputs; returns outcomes by kind of damage and prints those that are not good."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        seeds = sorted(make_seeds(folder))
        number = 0
        while number < count:
            for done, outcome in _try_from(number, count, seed, folder):
                number = done + 1
                damage = _damage_of(done).__name__
                outcomes[damage][outcome.partition(":")[0]] += 1
                if outcome not in GOOD:
                    print(f"input {done} ({_seed_of(seeds, done).name}, {damage}): {outcome}")
    return outcomes


def _try_from(first: int, count: int, seed: int, folder: Path) -> list[tuple[int, str]]:
    """Run one child until it is through, dies or hangs."""
    command = [sys.executable, "-m", "bench.fuzz", "--child", str(folder)]
    command += ["--first", str(first), "--count", str(count), "--seed", str(seed)]
    results: list[tuple[int, str]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        patience_s = PATIENCE_S + 60  # The first line comes after all imports.
        while select.select([process.stdout], [], [], patience_s)[0]:
            line = process.stdout.readline().decode()
            if not line:
                break
            number, _, outcome = line.rstrip().partition("\t")
            results.append((int(number), outcome))
            patience_s = PATIENCE_S
        hung = process.poll() is None and (not results or results[-1][0] + 1 < count)
        if hung:
            try:
                process.wait(2)
                hung = False
            except subprocess.TimeoutExpired:
                process.kill()
    after = results[-1][0] + 1 if results else first
    if after < count:
        results.append((after, "hang" if hung else f"crash: exit code {process.returncode}"))
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.child is not None:
        child(given.seed, given.first, given.count, given.child)
        return 0
    outcomes = run(given.count, given.seed)
    bad = sorted({name for counts in outcomes.values() for name in counts} - set(GOOD))
    columns = [*GOOD, *bad]
    print(f"| damage | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for damage, counts in outcomes.items():
        print(f"| {damage.replace('_', ' ')} | {' | '.join(str(counts[c]) for c in columns)} |")
    total = sum(sum(counts.values()) for counts in outcomes.values())
    print(f"\n{total} inputs, {sum(counts[b] for counts in outcomes.values() for b in bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
