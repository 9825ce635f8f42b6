"""High dynamic range and wide gamuts against the formulas of the standards."""

from pathlib import Path

import numpy as np
import pytest

from tests.color_science import CHART, PRIMARIES, delta_e, hdr_signal
from tests.hdr_clips import chart_clip
from tests.reading import read_clip
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import dithered, from_bt709, to_bt709
from u2cam.stream.sources.video import FileSource

KINDS = [
    ("arib-std-b67", "bt2020"),
    ("smpte2084", "bt2020"),
    ("bt2020-10", "bt2020"),
    ("bt709", "smpte432"),
]


@pytest.mark.parametrize(("transfer", "primaries"), KINDS)
def test_a_chart_within_the_white_of_paper_is_seen_as_in_standard_range(
    tmp_path: Path, transfer: str, primaries: str
) -> None:
    frame = read_clip(chart_clip(tmp_path / "a.mkv", transfer, primaries))[0]
    assert delta_e(frame.image[8, 8::16], CHART).max() < 3


@pytest.mark.parametrize(("transfer", "primaries"), KINDS)
def test_a_background_has_the_colours_of_the_same_clip_as_input(
    tmp_path: Path, transfer: str, primaries: str
) -> None:
    path = chart_clip(tmp_path / "a.mkv", transfer, primaries)
    frame = read_clip(path)[0].image
    size_wh = (frame.shape[1], frame.shape[0])
    assert np.array_equal(VideoBackground(path).picture(size_wh, 0.0), frame)


def test_what_is_converted_is_told_and_tagged_as_what_it_is_then(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with FileSource(str(chart_clip(tmp_path / "a.mkv", "smpte2084", "bt2020"))) as source:
        assert source.info.color == ColorTags()
    assert [record.getMessage() for record in caplog.records] == [
        "a.mkv: PQ is converted to BT.709"
    ]


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_highlights_grow_without_turning_or_falling_back(transfer: str) -> None:
    signal = np.linspace(0, 1, 4096)
    ramp = np.repeat(np.rint(65535 * signal)[:, None], 3, axis=1).astype(np.uint16)[None]
    shown = to_bt709(ramp, ColorTags("limited", "bt2020", "bt2020", transfer))[0].astype(int)
    assert (np.diff(shown, axis=0) >= 0).all()
    assert np.ptp(shown, axis=1).max() <= 1  # gray stays gray
    assert shown[-1].tolist() == [255, 255, 255]


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_white_of_standard_range_becomes_diffuse_white(transfer: str) -> None:
    white = np.full((1, 1, 3), 255, np.uint8)
    signal = from_bt709(white, ColorTags("limited", "bt2020", "bt2020", transfer))[0, 0] / 65535
    # BT.2408, table 1: 75 % of HLG, 58 % of PQ.
    assert np.allclose(signal, {"arib-std-b67": 0.75, "smpte2084": 0.58}[transfer], atol=0.005)


@pytest.mark.parametrize(("transfer", "primaries"), KINDS)
def test_colours_go_into_the_wide_space_by_the_formulas(transfer: str, primaries: str) -> None:
    tags = ColorTags("limited", "bt2020", primaries, transfer)
    signal = from_bt709(CHART[None].astype(np.uint8), tags)[0] / 65535
    assert np.abs(signal - hdr_signal(CHART, transfer, primaries)).max() < 0.004


def test_every_gamut_has_the_same_white() -> None:
    for primaries in PRIMARIES:
        white = np.full((1, 1, 3), 65535, np.uint16)
        tags = ColorTags("full", "bt709", primaries, "bt709")
        assert to_bt709(white, tags)[0, 0].tolist() == [255, 255, 255]


def test_clips_of_phones_have_the_colours_of_the_reference(shared_dir: Path) -> None:
    frame = read_clip(shared_dir / "cases" / "background_hlg.mp4", max_frames=1)[0].image
    # HLG (354, 438, 655) and (561, 373, 440) of 10 bit, by BT.2100 and BT.2408.
    assert delta_e(frame[360, 200], np.array([182.4, 57.1, 49.3])) < 3
    assert delta_e(frame[360, 1000], np.array([80.9, 196.5, 65.1])) < 3


def test_dithering_keeps_10_bits_on_average_and_8_bits_exactly() -> None:
    levels = np.arange(0, 1024, dtype=np.uint32) * 65535 // 1023
    flat = np.repeat(levels.astype(np.uint16)[:, None], 12, 1).reshape(-1, 2, 2, 3)
    means = np.array([dithered(one).mean() for one in flat])
    assert np.abs(means - levels / 257).max() <= 0.13
    whole = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    assert np.array_equal(dithered(whole.astype(np.uint16) * 257), whole)
