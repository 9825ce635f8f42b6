"""High dynamic range and wide gamuts to the BT.709 that all effects work in, and back.

Runs in the capture and composite threads. HLG is shown on a display of 1000 nits with BT.2100's
system gamma, PQ is absolute; diffuse white, 203 nits by ITU-R BT.2408, becomes the white of
standard range. What is brighter is rolled off as BT.2390 asks: by the brightest channel, so that
hues stay, and above a knee, so that what is darker keeps its value. What lies outside of BT.709's
gamut is cut. Standard range is seen as ITU-R BT.1886 says, with a gamma of 2.4, by BT.2408 too.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8
from u2cam.core.kernel import F32, F32_1D, F32_2D, OUT_U8_2D, U8_1D, U8_2D, kernel, part
from u2cam.imaging.color_tags import HDR_TRANSFERS, ColorTags

_WIDE = {"bt2020": "BT.2020", "smpte431": "DCI-P3", "smpte432": "Display P3"}
_D65 = (0.3127, 0.3290)
_PRIMARIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""CIE xy of red, green and blue. White is D65: film's own white of DCI-P3 is adapted to it."""

DIFFUSE_WHITE_NITS = 203.0
_SDR_GAMMA = 2.4
_HLG_PEAK_NITS = 1000.0
_HLG_GAMMA = 1.2
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_KNEE = 0.85
"""In linear light, of diffuse white; diffuse white itself becomes 0.945, 2.2 of L* darker."""
_KNEE_END = 8.0
"""Here the roll-off has reached white."""
_STEPS, _FINE_STEPS = 4096, 16384

_U16_2D = types.Array(types.uint16, 2, "C", readonly=True)
_OUT_U16_2D = types.Array(types.uint16, 2, "C")
_U16_1D = types.Array(types.uint16, 1, "C", readonly=True)

Numbers = NDArray[np.float64]


def is_hdr(tags: ColorTags) -> bool:
    """True for HLG and PQ."""
    return tags.transfer in HDR_TRANSFERS


def is_wider(tags: ColorTags) -> bool:
    """True where the colours are not BT.709's and have to be converted."""
    return is_hdr(tags) or tags.primaries in _WIDE


def describe(tags: ColorTags) -> str:
    """Return what people call it: `HLG`, `PQ`, `BT.2020`, `Display P3`; BT.709 for the rest."""
    return HDR_TRANSFERS.get(tags.transfer) or _WIDE.get(tags.primaries, "BT.709")


def to_bt709(rgb16: NDArray[np.uint16], tags: ColorTags, white: int = 65535) -> ImageU8:
    """Convert HDR or a wide gamut to standard range.

    Args:
        rgb16: (H, W, 3).
        tags: transfer and primaries.
        white: the number in `rgb16` for a signal of 1.

    Returns:
        (H, W, 3) uint8, BT.709.
    """
    height, width = rgb16.shape[:2]
    transfer = tags.transfer if is_hdr(tags) else "sdr"
    linear, weights, ootf, matrix, knee, encoded = _tables(transfer, _primaries(tags))
    out = np.empty((height, 3 * width), np.uint8)
    flat = np.ascontiguousarray(rgb16).reshape(height, 3 * width)
    _narrow(flat, np.float32(white), linear, weights, ootf, matrix, knee, encoded, out)
    return out.reshape(height, width, 3)


def from_bt709(image: ImageU8, tags: ColorTags) -> NDArray[np.uint16]:
    """Convert standard range into HDR or a wide gamut: its white becomes diffuse white.

    Args:
        image: (H, W, 3) uint8, BT.709.
        tags: transfer and primaries wanted.

    Returns:
        (H, W, 3) uint16, 65535 for a signal of 1.
    """
    height, width = image.shape[:2]
    transfer = tags.transfer if is_hdr(tags) else "sdr"
    linear, matrix, weights, ootf, encoded = _tables_back(transfer, _primaries(tags))
    out = np.empty((height, 3 * width), np.uint16)
    flat = np.ascontiguousarray(image).reshape(height, 3 * width)
    _widen(flat, linear, matrix, weights, ootf, encoded, out)
    return out.reshape(height, width, 3)


def to_hdr(rgb16: NDArray[np.uint16], tags: ColorTags, wanted: ColorTags, white: int) -> Any:
    """Convert one kind of high dynamic range to the other: the same light on the same display.

    In plain NumPy: it is for files that change within, so it may take a while.

    Args:
        rgb16: (H, W, 3).
        tags: transfer and primaries, HLG or PQ.
        wanted: transfer and primaries of the result, HLG or PQ.
        white: the number in `rgb16` for a signal of 1.

    Returns:
        (H, W, 3) uint16, 65535 for a signal of 1. What HLG's display of 1000 nits cannot show
        keeps its hue.
    """
    signal = np.minimum(rgb16 / white, 1.0)
    before, after = _to_xyz(_primaries(tags)), _to_xyz(_primaries(wanted))
    if tags.transfer == "smpte2084":
        nits = pq_to_nits(signal)
    else:
        scene = hlg_to_scene(signal)
        nits = _HLG_PEAK_NITS * scene * (scene @ before[1])[..., None] ** (_HLG_GAMMA - 1)
    nits = np.maximum(nits @ (np.linalg.inv(after) @ before).T, 0)
    if wanted.transfer == "smpte2084":
        signal = nits_to_pq(np.minimum(nits, 10_000))
    else:
        shown = nits / np.maximum(nits.max(axis=2, keepdims=True), _HLG_PEAK_NITS)
        luma = np.maximum(shown @ after[1], 1e-9)[..., None]
        signal = scene_to_hlg(shown * luma ** (1 / _HLG_GAMMA - 1))
    return np.rint(65535 * np.clip(signal, 0, 1)).astype(np.uint16)


def dithered(rgb16: NDArray[np.uint16], white: int = 65535) -> ImageU8:
    """Return (H, W, 3) with 8 bits whose mean over every 2 by 2 pixels has 10.

    High dynamic range has too few levels in 8 bits: in PQ one step is 4 % of the light.

    Args:
        rgb16: (H, W, 3).
        white: the number in `rgb16` for a signal of 1.
    """
    out = np.empty(rgb16.shape, np.uint8)
    for row, column, eighths in ((0, 0, 1), (0, 1, 5), (1, 0, 7), (1, 1, 3)):
        signal = rgb16[row::2, column::2].astype(np.uint32) * 65535 // white
        out[row::2, column::2] = np.minimum((signal + eighths * 257 // 8) // 257, 255)
    return out


def is_like(tags: ColorTags, other: ColorTags) -> bool:
    """True where neither needs a conversion into the space of the other."""
    kinds = [
        (one.transfer if is_hdr(one) else "sdr", _primaries(one))
        if is_wider(one)
        else ("sdr", "bt709")
        for one in (tags, other)
    ]
    return kinds[0] == kinds[1]


def _primaries(tags: ColorTags) -> str:
    if tags.primaries in _PRIMARIES:
        return tags.primaries
    return "bt2020" if is_hdr(tags) else "bt709"


@part
def _between(table: NDArray[np.float32], at: Any) -> Any:
    """Look up on the line between two neighbours; the last entry is there twice."""
    low = np.uint32(at)  # unsigned: no check for places counted from the end
    return table[low] + (at - np.float32(low)) * (table[low + np.uint32(1)] - table[low])


@part
def _level(signal: np.uint16, step: np.float32) -> Any:
    """Return the place of a signal in a table of 4096."""
    return np.uint32(min(signal * step + np.float32(0.5), np.float32(4095)))


@kernel(_U16_2D, F32, F32_1D, F32_1D, F32_1D, F32_2D, F32_1D, U8_1D, OUT_U8_2D)
def _narrow(
    rgb: NDArray[np.uint16],
    white: np.float32,
    linear: NDArray[np.float32],
    weights: NDArray[np.float32],
    ootf: NDArray[np.float32],
    matrix: NDArray[np.float32],
    knee: NDArray[np.float32],
    encoded: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    top = np.float32(encoded.size - 1)
    step = np.float32(4095) / white
    bright, over = np.float32(ootf.size - 2), np.float32((knee.size - 2) / _KNEE_END)
    for row in range(rgb.shape[0]):
        pixels, to = rgb[row], out[row]
        for at in range(0, rgb.shape[1], 3):
            red = linear[_level(pixels[at], step)]
            green = linear[_level(pixels[at + 1], step)]
            blue = linear[_level(pixels[at + 2], step)]
            if ootf.size > 0:
                luma = weights[0] * red + weights[1] * green + weights[2] * blue
                gain = _between(ootf, luma * bright)
                red, green, blue = red * gain, green * gain, blue * gain
            r = matrix[0, 0] * red + matrix[0, 1] * green + matrix[0, 2] * blue
            g = matrix[1, 0] * red + matrix[1, 1] * green + matrix[1, 2] * blue
            b = matrix[2, 0] * red + matrix[2, 1] * green + matrix[2, 2] * blue
            if knee.size > 0:
                most = max(r, g, b)
                if most > np.float32(_KNEE):
                    scale = np.float32(1) / most
                    if most < np.float32(_KNEE_END):
                        scale = _between(knee, most * over)
                    r, g, b = r * scale, g * scale, b * scale
            r = min(max(r, np.float32(0)), np.float32(1))
            g = min(max(g, np.float32(0)), np.float32(1))
            b = min(max(b, np.float32(0)), np.float32(1))
            to[at] = encoded[np.uint32(r * top + np.float32(0.5))]
            to[at + 1] = encoded[np.uint32(g * top + np.float32(0.5))]
            to[at + 2] = encoded[np.uint32(b * top + np.float32(0.5))]


@kernel(U8_2D, F32_1D, F32_2D, F32_1D, F32_1D, _U16_1D, _OUT_U16_2D)
def _widen(
    rgb: NDArray[np.uint8],
    linear: NDArray[np.float32],
    matrix: NDArray[np.float32],
    weights: NDArray[np.float32],
    ootf: NDArray[np.float32],
    encoded: NDArray[np.uint16],
    out: NDArray[np.uint16],
) -> None:
    top = np.float32(encoded.size - 1)
    bright = np.float32(ootf.size - 2)
    for row in range(rgb.shape[0]):
        pixels, to = rgb[row], out[row]
        for at in range(0, rgb.shape[1], 3):
            red, green, blue = linear[pixels[at]], linear[pixels[at + 1]], linear[pixels[at + 2]]
            r = matrix[0, 0] * red + matrix[0, 1] * green + matrix[0, 2] * blue
            g = matrix[1, 0] * red + matrix[1, 1] * green + matrix[1, 2] * blue
            b = matrix[2, 0] * red + matrix[2, 1] * green + matrix[2, 2] * blue
            if ootf.size > 0:
                luma = min(weights[0] * r + weights[1] * g + weights[2] * b, np.float32(1))
                gain = _between(ootf, luma * bright)
                r, g, b = r * gain, g * gain, b * gain
            r = np.sqrt(min(max(r, np.float32(0)), np.float32(1)))
            g = np.sqrt(min(max(g, np.float32(0)), np.float32(1)))
            b = np.sqrt(min(max(b, np.float32(0)), np.float32(1)))
            to[at] = encoded[np.uint32(r * top + np.float32(0.5))]
            to[at + 1] = encoded[np.uint32(g * top + np.float32(0.5))]
            to[at + 2] = encoded[np.uint32(b * top + np.float32(0.5))]


@lru_cache(maxsize=8)
def _tables(transfer: str, primaries: str) -> tuple[Any, ...]:
    """Return what `_narrow` looks up: curve, luma weights, OOTF, matrix, knee, BT.1886's curve."""
    signal = np.linspace(0, 1, _STEPS)
    linear, ootf, knee = signal**_SDR_GAMMA, np.empty(0), np.empty(0)
    if transfer == "smpte2084":
        linear = pq_to_nits(signal) / DIFFUSE_WHITE_NITS
    if transfer == "arib-std-b67":
        linear = hlg_to_scene(signal)
        luma = np.linspace(0, 1, _FINE_STEPS)
        ootf = _ended(_HLG_PEAK_NITS / DIFFUSE_WHITE_NITS * luma ** (_HLG_GAMMA - 1))
    if transfer != "sdr":
        brightest = np.maximum(np.linspace(0, _KNEE_END, _FINE_STEPS), 1e-6)
        knee = _ended(rolled_off(brightest) / brightest)
    encoded = np.rint(255 * np.linspace(0, 1, _FINE_STEPS) ** (1 / _SDR_GAMMA)).astype(np.uint8)
    matrix = np.linalg.inv(_to_xyz("bt709")) @ _to_xyz(primaries)
    weights = _to_xyz(primaries)[1]
    return *(_f32(part) for part in (linear, weights, ootf, matrix, knee)), encoded


@lru_cache(maxsize=8)
def _tables_back(transfer: str, primaries: str) -> tuple[Any, ...]:
    """Return what `_widen` looks up; its last table goes by the root of linear light."""
    linear, ootf = (np.arange(256) / 255) ** _SDR_GAMMA, np.empty(0)
    light = np.linspace(0, 1, 65536) ** 2
    signal = light ** (1 / _SDR_GAMMA)
    if transfer == "smpte2084":
        linear = linear * DIFFUSE_WHITE_NITS / 10_000
        signal = nits_to_pq(light * 10_000)
    if transfer == "arib-std-b67":
        linear = linear * DIFFUSE_WHITE_NITS / _HLG_PEAK_NITS
        # From the display's light to the scene's.
        luma = np.maximum(np.linspace(0, 1, _FINE_STEPS), 0.25 / _FINE_STEPS)
        ootf = _ended(luma ** (1 / _HLG_GAMMA - 1))
        signal = scene_to_hlg(light)
    matrix = np.linalg.inv(_to_xyz(primaries)) @ _to_xyz("bt709")
    encoded = np.rint(65535 * signal).astype(np.uint16)
    weights = _to_xyz(primaries)[1]
    return *(_f32(part) for part in (linear, matrix, weights, ootf)), encoded


def _ended(table: Numbers) -> Numbers:
    return np.append(table, table[-1:])


def _f32(values: Numbers) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)


def _to_xyz(primaries: str) -> Numbers:
    """Return the matrix (3, 3) from linear RGB to CIE XYZ with a white of Y = 1."""
    corners = np.array([[x / y, 1, (1 - x - y) / y] for x, y in _PRIMARIES[primaries]]).T
    x, y = _D65
    return np.asarray(corners * np.linalg.solve(corners, [x / y, 1, (1 - x - y) / y]))


def rolled_off(light: Numbers) -> Numbers:
    """Bring linear light (1 is diffuse white) to at most 1; up to the knee it stays as it is."""
    room = 1 - _KNEE
    over = np.maximum(light - _KNEE, 0)
    return np.where(light <= _KNEE, light, _KNEE + room * (1 - np.exp(-over / room)))


def pq_to_nits(signal: Numbers) -> Numbers:
    """SMPTE ST 2084."""
    power = signal ** (1 / _PQ_M2)
    ratio = np.maximum(power - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * power)
    return np.asarray(10_000 * ratio ** (1 / _PQ_M1))


def nits_to_pq(nits: Numbers) -> Numbers:
    """SMPTE ST 2084."""
    power = (nits / 10_000) ** _PQ_M1
    return np.asarray(((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2)


def hlg_to_scene(signal: Numbers) -> Numbers:
    """ITU-R BT.2100: the inverse of HLG's OETF, 0 to 1."""
    bright = (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
    return np.where(signal <= 0.5, signal**2 / 3, bright)


def scene_to_hlg(light: Numbers) -> Numbers:
    """ITU-R BT.2100: HLG's OETF."""
    bright = _HLG_A * np.log(np.maximum(12 * light - _HLG_B, 1e-9)) + _HLG_C
    return np.where(light <= 1 / 12, np.sqrt(3 * light), bright)
