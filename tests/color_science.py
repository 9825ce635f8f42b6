"""Colour formulas for tests, written apart from those of the product: charts and differences."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CHART: Numbers = np.array(
    [
        [115, 82, 68], [194, 150, 130], [98, 122, 157], [87, 108, 67], [133, 128, 177],
        [103, 189, 170], [214, 126, 44], [80, 91, 166], [193, 90, 99], [94, 60, 108],
        [157, 188, 64], [224, 163, 46], [56, 61, 150], [70, 148, 73], [175, 54, 60],
        [231, 199, 31], [187, 86, 149], [8, 133, 161], [243, 243, 242], [200, 200, 200],
        [160, 160, 160], [122, 122, 121], [85, 85, 85], [52, 52, 52], [0, 177, 64],
        [255, 255, 255],
    ],
    dtype=np.float64,
)  # fmt: skip
"""(26, 3) sRGB: the patches of the well-known colour chart, a green screen, and white."""

PRIMARIES: Mapping[str, tuple[float, ...]] = {
    "bt709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    "bt2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    "smpte432": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
"""xy of red, green, blue; white is D65."""
_KR_KB = {"bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def to_xyz(primaries: str) -> Numbers:
    """Return the matrix (3, 3) from linear RGB to XYZ."""
    points = np.array(PRIMARIES[primaries]).reshape(3, 2)
    columns = np.array([[x, y, 1 - x - y] for x, y in points]).T
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    return columns * np.linalg.solve(columns, white)


def from_srgb(rgb: Numbers) -> Numbers:
    """Linear light in [0, 1] of sRGB values in [0, 255]."""
    value = np.asarray(rgb, np.float64) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def hdr_signal(rgb: Numbers, transfer: str, primaries: str) -> Numbers:
    """Code colours of BT.709 (N, 3), seen as BT.1886 says, in a wide space, by BT.2100 and BT.2408.

    White is 203 nits.
    """
    light = (np.asarray(rgb, np.float64) / 255) ** 2.4 @ (
        np.linalg.inv(to_xyz(primaries)) @ to_xyz("bt709")
    ).T
    light = np.maximum(light, 0)
    if transfer == "smpte2084":
        power = (light * 203 / 10000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    if transfer == "arib-std-b67":
        shown = light * 203 / 1000
        luma = np.maximum(shown @ to_xyz(primaries)[1], 1e-9)[:, None]
        scene = shown * luma ** (1 / 1.2 - 1)
        bright = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        return np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright)
    return light ** (1 / 2.4)


def chart_planes(signal: Numbers, matrix: str, height: int = 16) -> NDArray[np.uint16]:
    """Lay colours (N, 3) in [0, 1] out as stripes 16 wide, limited range, 10 bit, 4:2:0."""
    kr, kb = _KR_KB[matrix]
    red, green, blue = signal.T
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    parts = [876 * luma + 64]
    parts += [896 * (one - luma) / (2 - 2 * k) + 512 for one, k in ((blue, kb), (red, kr))]
    flat = [
        np.repeat(part, 16 // halved)[None].repeat(height // halved, 0).ravel()
        for part, halved in zip(parts, (1, 2, 2), strict=True)
    ]
    return np.rint(np.concatenate(flat)).astype(np.uint16).reshape(-1, 16 * len(signal))


def lab(rgb: Numbers) -> Numbers:
    """CIE L*a*b* (D65) of sRGB values in [0, 255]."""
    xyz = from_srgb(rgb) @ to_xyz("bt709").T / to_xyz("bt709").sum(axis=1)
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(one: Numbers, other: Numbers) -> Numbers:
    """Return CIE 1976's colour difference of sRGB values, the strictest of the family."""
    return np.linalg.norm(lab(one) - lab(other), axis=-1)
