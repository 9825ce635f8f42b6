"""Pictures for tests, made on the spot: ICC profiles, HEIC with tiles, animations."""

import io
import struct
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.color_science import from_srgb, to_xyz

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50 = np.array([0.9642, 1.0, 0.8249])


def icc_profile(primaries: str, gamma: float = 2.2) -> bytes:
    """Make a profile (ICC.1:2001-04) of three primaries, white D65 and a power curve."""
    to_d65 = to_xyz(primaries)
    white = to_d65.sum(axis=1)
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ to_d65

    def xyz(values: NDArray[np.float64]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * one) for one in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * gamma)) + b"\0\0"
    name = b"test\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    tags = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(_D50),
        b"rXYZ": xyz(adapted[:, 0]),
        b"gXYZ": xyz(adapted[:, 1]),
        b"bXYZ": xyz(adapted[:, 2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def cmyk_profile(cyan_lab: tuple[int, int, int]) -> bytes:
    """Make a profile of four inks by a table of 2 nodes each: cyan alone has the Lab given."""
    nodes = []
    for number in range(16):  # cyan varies slowest
        cyan, others = number & 8, number & 7
        lab = cyan_lab if cyan and not others else (0 if others else 100, 0, 0)
        nodes += [round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128]
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0\4\3\2\0" + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += 4 * straight + bytes(nodes) + 3 * straight
    name = b"test\0"
    return _profile(
        b"prtr",
        b"CMYK",
        b"Lab ",
        {
            b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78,
            b"cprt": b"text\0\0\0\0none\0",
            b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in _D50)),
            b"A2B0": table,
        },
    )


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for key, value in tags.items():
        table += key + struct.pack(">II", at + len(body), len(value))
        body += value + b"\0" * (-len(value) % 4)
    rest = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(">I4sI4s4s4s", 128 + len(rest), b"lcms", 0x02400000, kind, space, pcs)
    head += b"\0" * 12 + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", *(round(65536 * one) for one in _D50))
    return head.ljust(128, b"\0") + rest


def in_profile(srgb: NDArray[np.float64], primaries: str, gamma: float = 2.2) -> NDArray[np.uint8]:
    """Return the numbers of sRGB colours (N, 3) in the space of `icc_profile`."""
    light = from_srgb(srgb) @ (np.linalg.inv(to_xyz(primaries)) @ to_xyz("bt709")).T
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / gamma)).astype(np.uint8)


def grid_heic(image: NDArray[np.uint8], tile: int = 64, turns: int = 0) -> bytes:
    """Make a HEIC of square tiles, as phones do (ISO 23008-12): each is a picture of its own.

    Args:
        image: (H, W, 3) uint8 RGB, of whole tiles or cut at the right and the bottom.
        tile: side of a tile.
        turns: quarter turns counter-clockwise that the reader has to make.
    """
    height, width = image.shape[:2]
    rows, columns = -(-height // tile), -(-width // tile)
    whole = np.pad(image, ((0, rows * tile - height), (0, columns * tile - width), (0, 0)), "edge")
    coded, config = [], b""
    for row in range(rows):
        for column in range(columns):
            part = whole[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
            config, data = _hevc(part)
            coded.append(data)
    count = rows * columns
    grid, tiles = 1, range(2, 2 + count)
    descriptor = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)

    def box(kind: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I", 8 + len(body)) + kind + body

    def full(kind: bytes, version: int, *parts: bytes, flags: int = 0) -> bytes:
        return box(kind, struct.pack(">I", version << 24 | flags), *parts)

    infos = [full(b"infe", 2, struct.pack(">HH", grid, 0), b"grid\0")]
    infos += [full(b"infe", 2, struct.pack(">HH", one, 0), b"hvc1\0", flags=1) for one in tiles]
    properties = [
        box(b"hvcC", config),
        full(b"ispe", 0, struct.pack(">II", tile, tile)),
        full(b"ispe", 0, struct.pack(">II", width, height)),
        box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0)),
        box(b"irot", bytes([turns])),
    ]
    links = [(grid, [3, 4, 5])] + [(one, [0x81, 2, 4]) for one in tiles]
    associations = b"".join(
        struct.pack(">HB", item, len(used)) + bytes(used) for item, used in links
    )

    def meta(offset: int) -> bytes:
        locations, at = [struct.pack(">HHHII", grid, 0, 1, offset, len(descriptor))], offset
        at += len(descriptor)
        for one, data in zip(tiles, coded, strict=True):
            locations.append(struct.pack(">HHHII", one, 0, 1, at, len(data)))
            at += len(data)
        return full(
            b"meta",
            0,
            full(b"hdlr", 0, b"\0" * 4 + b"pict" + b"\0" * 13),
            full(b"pitm", 0, struct.pack(">H", grid)),
            full(b"iinf", 0, struct.pack(">H", len(infos)), *infos),
            full(
                b"iref",
                0,
                box(b"dimg", struct.pack(f">HH{count}H", grid, count, *tiles)),
            ),
            box(
                b"iprp",
                box(b"ipco", *properties),
                full(b"ipma", 0, struct.pack(">I", len(links)), associations),
            ),
            full(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(locations)), *locations),
        )

    kind = box(b"ftyp", b"heic", b"\0\0\0\0", b"mif1", b"heic")
    offset = len(kind) + len(meta(0)) + 8
    return kind + meta(offset) + box(b"mdat", descriptor, *coded)


def _hevc(image: NDArray[np.uint8]) -> tuple[bytes, bytes]:
    """Code a picture with x265: the decoder's configuration, and the picture with lengths."""
    height, width = image.shape[:2]
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as output:
        stream = output.add_stream("libx265", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.options = {"crf": "4", "x265-params": "log-level=error:bframes=0"}
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    file = held.getvalue()
    at = file.index(b"hvcC")
    config = file[at + 4 : at - 4 + int.from_bytes(file[at - 4 : at], "big")]
    with av.open(io.BytesIO(file)) as media:
        (data,) = (bytes(one) for one in media.demux(video=0) if one.size)
    return config, data


def animation(
    frames: Sequence[NDArray[np.uint8]], durations_ms: Sequence[int], kind: str, **how: object
) -> bytes:
    """Make an animated `WEBP`, `PNG`, `GIF` or `AVIF`, lossless where the kind can be."""
    first, *rest = (Image.fromarray(frame) for frame in frames)
    held = io.BytesIO()
    if kind == "WEBP":
        how |= {"lossless": True, "exact": True, "minimize_size": False}
    first.save(
        held, kind, save_all=True, append_images=rest, duration=list(durations_ms), loop=0, **how
    )
    return held.getvalue()


def still(image: NDArray[np.uint8], kind: str, **how: object) -> bytes:
    """Make one picture of a kind that Pillow writes."""
    held = io.BytesIO()
    Image.fromarray(image).save(held, kind, **how)
    return held.getvalue()
