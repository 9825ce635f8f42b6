"""HLG and PQ against reference values computed here from the standards, and against zscale.

ITU-R BT.2100 (table 5): HLG's display light is `L_W * Y^(gamma - 1) * E`, with the luminance Y of
the scene's light E for all three channels, gamma 1.2 and L_W 1000 nits. The same power on each
channel by itself, a shortcut of some converters (zscale's default), turns and saturates colours.
BT.2408: diffuse white is 203 nits. BT.1886: standard range is seen with a gamma of 2.4.
"""

import shutil
import subprocess
from itertools import product

import numpy as np
import pytest

from tests.color_science import CHART, Numbers, delta_e, hdr_signal, to_xyz
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import to_bt709

HLG, PQ = "arib-std-b67", "smpte2084"
LUMINANCE = np.array([0.2627, 0.6780, 0.0593])
WHITE = {HLG: 0.75, PQ: 0.58}
"""The signals of diffuse white (BT.2408, table 1)."""
SATURATED = np.array([c for c in product((0.0, 0.3, 0.6, 0.9), repeat=3) if any(c)])
"""(63, 3) of BT.2020, in parts of diffuse white's signal: every corner of the gamut."""
TO_BT709 = np.linalg.inv(to_xyz("bt709")) @ to_xyz("bt2020")


def scene_light(signal: Numbers) -> Numbers:
    """BT.2100, table 5: the inverse OETF."""
    a, b, c = 0.17883277, 1 - 4 * 0.17883277, 0.5 - 0.17883277 * np.log(4 * 0.17883277)
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)


def nits_of(signal: Numbers, transfer: str) -> Numbers:
    """Light of a display of BT.2020's primaries."""
    if transfer == HLG:
        light = scene_light(signal)
        return 1000 * light * (light @ LUMINANCE)[:, None] ** 0.2
    power = signal ** (32 / 2523)
    ratio = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return 10_000 * ratio ** (8192 / 1305)


def shown(nits: Numbers) -> tuple[Numbers, np.ndarray]:
    """Levels of BT.709, and which colours need neither a roll-off nor a cut of the gamut."""
    light = nits @ TO_BT709.T / 203
    plain = (light.min(axis=1) >= 0) & (light.max(axis=1) <= 0.85)
    return 255 * np.clip(light, 0, 1) ** (1 / 2.4), plain


def converted(signal: Numbers, transfer: str) -> Numbers:
    numbers = np.rint(65535 * signal).astype(np.uint16)[None]
    return to_bt709(numbers, ColorTags("limited", "bt2020", "bt2020", transfer))[0].astype(float)


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_colours_within_the_white_of_paper_have_their_reference_values(transfer: str) -> None:
    signal = np.vstack([SATURATED * WHITE[transfer], hdr_signal(CHART, transfer, "bt2020")])
    wanted, plain = shown(nits_of(signal, transfer))
    assert plain.sum() > 30
    assert delta_e(converted(signal, transfer), wanted)[plain].max() < 1


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_the_whole_chart_up_to_white_stays_within_3(transfer: str) -> None:
    signal = hdr_signal(CHART, transfer, "bt2020")
    wanted, _ = shown(nits_of(signal, transfer))
    assert delta_e(wanted, CHART).max() < 0.5  # the reference itself
    assert delta_e(converted(signal, transfer), wanted).max() < 3


def test_the_charts_tell_the_standard_from_a_power_on_each_channel() -> None:
    signal = np.vstack([SATURATED * WHITE[HLG], hdr_signal(CHART, HLG, "bt2020")])
    by_luminance, plain = shown(nits_of(signal, HLG))
    by_channel, _ = shown(1000 * scene_light(signal) ** 1.2)
    assert delta_e(by_channel, by_luminance)[plain].max() > 10
    # On grays both are the same.
    gray = np.repeat(np.linspace(0, 0.7, 8)[:, None], 3, axis=1)
    both = shown(nits_of(gray, HLG))[0], shown(1000 * scene_light(gray) ** 1.2)[0]
    assert np.allclose(*both)


def test_zscale_without_its_shortcut_has_the_same_colours() -> None:
    program = shutil.which("ffmpeg")
    filters = ""
    if program is not None:
        asked = [program, "-v", "error", "-h", "filter=zscale"]
        filters = subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout
    if program is None or "agamma" not in filters:
        pytest.skip("no ffmpeg with zscale")
    signal = np.vstack([SATURATED * WHITE[HLG], hdr_signal(CHART, HLG, "bt2020")])
    _, plain = shown(nits_of(signal, HLG))
    rows = np.repeat(np.rint(65535 * signal).astype("<u2")[None], 2, axis=0)
    height, width = rows.shape[:2]
    steps = [
        "setparams=range=pc:colorspace=gbr:color_primaries=bt2020:color_trc=arib-std-b67",
        "zscale=transfer=linear:npl=1000:agamma=0",
        "format=gbrpf32le",
    ]
    command = [program, "-v", "error", "-f", "rawvideo", "-pix_fmt", "gbrp16le"]
    command += ["-s", f"{width}x{height}", "-i", "-", "-vf", ",".join(steps)]
    command += ["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-"]
    planes = rows[..., [1, 2, 0]].transpose(2, 0, 1).tobytes()
    made = subprocess.run(command, input=planes, capture_output=True, check=True, timeout=60)
    green, blue, red = np.frombuffer(made.stdout, "<f4").reshape(3, height, width)[:, 0]
    theirs, _ = shown(1000 * np.stack([red, green, blue], axis=1).astype(float))
    assert delta_e(converted(signal, HLG), theirs)[plain].max() < 1
