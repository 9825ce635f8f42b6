"""Damaged media files against the whole program: no hang, no crash, no traceback, no half file.

    python -m bench.fuzz                     # 2000 inputs, prints a Markdown table
    python -m bench.fuzz --count 60 --seed 7
    python -m bench.fuzz --seed 7 --only 41  # one of them, with what the program says

Every input is a small valid file (`bench.fuzz_seeds`) with damage: flipped bits, a cut, a hole,
noise over a part, a header of another file, or numbers in the header set to absurd sizes and
rates. It goes through the program as the user's input or background, with a network that finds a
person everywhere, into a file of one of many kinds. A child process with limits on memory and time
runs the program again and again; when it dies or stays silent too long, the parent notes it and
starts another at the next input. Fails (exit code 1) unless the program wrote a file that plays, or
refused with exit code 1 or 2, one line, and nothing left behind. Linux and macOS.
"""

import argparse
import os
import random
import resource
import select
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import av
from PIL import Image

from bench.fuzz_seeds import make_seeds
from tests.fakes import FakeMatter
from tests.media import Clip
from u2cam import compositors
from u2cam.cli.main import main as program

PATIENCE_S, START_S = 60.0, 300.0
"""For one input, of which an undamaged one needs well under a second; and with all imports before
it. Long, as the machine may be busy with other things."""
MEMORY_BYTES = 10 * 2**30
"""Of address space, of which the libraries take most before the first input."""
GOOD = ("read", "refused")
FRAMES = "40"
WAYS = (
    "out.mp4",
    "out.mkv --set output.audio=exact --set output.metadata=keep",
    "out.webm --set output.crf=40",
    "out.mov --view cutout",
    "out.mp4 --set output.hdr=keep",
    "out.mkv --set output.codec=mpeg4 --set output.crf=10",
    "out.webm --set output.codec=libvpx",
    "out.mov --set output.bits=10",
    "out.gif --view cutout",
    "out.webp",
    "%03d.png",
    "%03d.tif --view matte",
    "out.mp4 --start 0.1 --set capture.deinterlace=off",
)
"""Outputs and what is asked of them."""
NAMES = ("damaged{}", "#1{}", "é" * 120 + "{}", "100% a:b{}", "bare", "wrong.jpg", "wrong.mp4")
"""The damaged file is called so; the contents decide what it is, so wrong endings are good ones."""

_TOLERATED = ("Corrupt JPEG data", "Premature end of JPEG file")
"""What libjpeg says by itself where OpenCV decodes; there is no way to silence it."""


def flip_bits(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A bad memory cell or cable: one to sixty bits."""
    for _ in range(chance.choice((1, 5, 60))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A download that broke off."""
    del data[chance.randrange(len(data)) :]


def hole(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A download that reserved its place first: zeros from somewhere on, or for a while."""
    begin = chance.randrange(len(data))
    length = min(chance.choice((512, 4096, len(data))), len(data) - begin)
    data[begin : begin + length] = bytes(length)


def noise(data: bytearray, chance: random.Random, other: bytes) -> None:
    """A bad block."""
    begin = chance.randrange(len(data))
    length = min(chance.choice((16, 512, 4096)), len(data) - begin)
    data[begin : begin + length] = chance.randbytes(length)


def splice(data: bytearray, chance: random.Random, other: bytes) -> None:
    """The header of one file before the body of another."""
    length = chance.choice((32, 256, 2048))
    data[:length] = other[:length]


_HEADERS = (
    *(b"tkhd", b"avc1", b"hvc1", b"hev1", b"stts", b"ctts", b"stsz", b"stsc", b"elst", b"mvhd"),
    *(b"mdhd", b"colr", b"pasp", b"hvcC", b"ispe", b"iloc", b"irot", b"ipma", b"strh", b"avih"),
    *(b"IHDR", b"acTL", b"fcTL", b"iCCP", b"VP8X", b"ANMF", b"ICC_PROFILE", b"Exif", b"acsp"),
)


def absurd(data: bytearray, chance: random.Random, other: bytes) -> None:
    """Absurd sizes, counts and rates in the header."""
    value = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\xff\xff"))
    for name in _HEADERS:
        at = data.find(name)
        if at >= 0 and chance.random() < 0.5:
            offset = at + len(name) + chance.choice((1, 4)) * chance.randrange(22)
            data[offset : offset + 4] = value
    at = 4 * chance.randrange(max(1, min(64, len(data) // 4)))
    data[at : at + 4] = value


DAMAGES: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    flip_bits,
    cut,
    hole,
    noise,
    splice,
    absurd,
)


def _seed_of(seeds: Sequence[Path], number: int) -> Path:
    return seeds[number // len(DAMAGES) % len(seeds)]


def _damage_of(number: int) -> Callable[[bytearray, random.Random, bytes], None]:
    return DAMAGES[number % len(DAMAGES)]


def make_input(seeds: Sequence[Path], folder: Path, number: int, seed: int) -> Path:
    """Write one damaged file and return it."""
    chance = random.Random(f"{seed}:{number}")
    path, damage = _seed_of(seeds, number), _damage_of(number)
    data = bytearray(path.read_bytes())
    damage(data, chance, chance.choice(seeds).read_bytes())
    name = chance.choice(NAMES) if chance.random() < 0.3 else NAMES[0]
    damaged = folder / name.format(path.suffix)
    damaged.write_bytes(data)
    return damaged


def try_input(path: Path, folder: Path, chance: random.Random) -> str:
    """Give a file to the program, as input or background; returns what came of it.

    Args:
        path: of the file.
        folder: empty; what the program writes goes there.
        chance: chooses one of `WAYS`, and whether the file is the input or the background.
    """
    way, *more = chance.choice(WAYS).split()
    behind = chance.random() < 0.25
    given = [_healthy(), "-b", path] if behind else [path, "-b", "none"]
    argv = ["-i", *given, "-o", folder / way, *more, "--frames", FRAMES, "-m", "grabcut"]
    argv += ["--set", "output.preset=ultrafast", "--set", "limits.max_megapixels=4"]
    with tempfile.TemporaryFile() as said:
        try:
            with _stderr_into(said):
                code = program([str(one) for one in argv])
        except MemoryError:
            return "out of memory"
        except Exception as error:
            return f"traceback: {type(error).__name__}: {' '.join(str(error).split())[:80]}"
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    foreign = [line for line in lines if not line.startswith(("u2cam: ", *_TOLERATED))]
    if any("Traceback" in line for line in lines):
        return f"traceback: {lines[-1][:100]}"
    if foreign:
        return f"foreign line: {foreign[0][:100]}"
    return _judged(code, lines, sorted(folder.iterdir()), more)


def _judged(code: int, lines: list[str], written: list[Path], more: list[str]) -> str:
    """Say what an exit code and the files of a run amount to."""
    if code == 0:
        if not written or any(one.name.startswith(".") for one in written):
            return f"no file or half a one: {[one.name for one in written]}"
        return _opened(written[0])
    if written:
        return f"file after failure: {[one.name for one in written]}, {lines[-1:]}"
    if code not in (1, 2):
        return f"exit code: {code}"
    if not lines:
        return "no word"
    weak = any(word in lines[-1] for word in ("Invalid argument", "Error: ", "Errno", "unknown er"))
    return f"unclear message: {lines[-1][:120]}" if weak else f"refused: {lines[-1]}"


def _opened(path: Path) -> str:
    """Read what was written, by another reader than ours."""
    try:
        if path.suffix in (".png", ".tif", ".webp"):
            with Image.open(path) as image:
                image.load()
        else:
            with av.open(str(path)) as media:
                assert [*media.decode(video=0)]
    except Exception as error:
        return f"cannot be read: {path.name}: {error}"
    return "read"


def _healthy() -> Path:
    path = Path(tempfile.gettempdir()) / f"u2cam-fuzz-{os.getpid()}.mp4"
    return path if path.exists() else Clip(frames=3).write(path)


@contextmanager
def _stderr_into(file: IO[bytes]) -> Iterator[None]:
    """Bring all that goes to stderr, also what libraries write there, into a file."""
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def child(seed: int, first: int, last: int, folder: Path) -> None:
    """Try some inputs; one line for each on stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seeds = sorted(p for p in folder.iterdir() if p.is_file())
    compositors.host_matter = lambda *_given, **_named: FakeMatter()  # type: ignore[assignment]
    results = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for number in range(first, last):
        with tempfile.TemporaryDirectory() as work:
            path = make_input(seeds, Path(work), number, seed)
            out = Path(work) / "out"
            out.mkdir()
            outcome = try_input(path, out, random.Random(number))
        print(number, outcome, sep="\t", file=results)


def run(count: int, seed: int, first: int = 0) -> dict[str, Counter[str]]:
    """Try all inputs; returns outcomes by kind of damage and prints those that are not good."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        seeds = make_seeds(folder)
        number = first
        while number < count:
            for done, outcome in _try_from(number, count, seed, folder):
                number = done + 1
                damage = _damage_of(done).__name__
                came = outcome.partition(":")[0]
                outcomes[damage][came] += 1
                if came not in GOOD:
                    shown = f"input {done} ({_seed_of(seeds, done).name}, {damage}): {outcome}"
                    print(shown, flush=True)
    return outcomes


def _try_from(first: int, count: int, seed: int, folder: Path) -> Iterator[tuple[int, str]]:
    """Run one child until it is through, dies or hangs; yields numbers and outcomes."""
    command = [sys.executable, "-m", "bench.fuzz", "--child", str(folder)]
    command += ["--first", str(first), "--count", str(count), "--seed", str(seed)]
    number = first
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        patience_s = START_S
        while select.select([process.stdout], [], [], patience_s)[0]:
            line = process.stdout.readline().decode()
            if not line:
                break
            done, _, outcome = line.rstrip().partition("\t")
            yield int(done), outcome
            number = int(done) + 1
            patience_s = PATIENCE_S
        try:
            process.wait(2)
            failed = f"crash: exit code {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            failed = "hang"
    if number < count:
        yield number, failed


def show(number: int, seed: int) -> None:
    """Try one input in this process, with all that the program says; the file is kept."""
    folder = Path(tempfile.mkdtemp(prefix="u2cam-fuzz-"))
    (folder / "seeds").mkdir()
    path = make_input(make_seeds(folder / "seeds"), folder, number, seed)
    (folder / "out").mkdir()
    compositors.host_matter = lambda *_given, **_named: FakeMatter()  # type: ignore[assignment]
    print(path, try_input(path, folder / "out", random.Random(number)), sep="\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one input by its number")
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.child is not None:
        child(given.seed, given.first, given.count, given.child)
        return 0
    if given.only is not None:
        show(given.only, given.seed)
        return 0
    outcomes = run(given.count, given.seed, given.first)
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
