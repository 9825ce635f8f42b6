"""Colours that change within a file are brought into the space that the run began with."""

from pathlib import Path

import numpy as np
import pytest

from tests.color_science import CHART, delta_e, hdr_signal
from tests.hdr_clips import changing_chart
from tests.reading import read_clip
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import to_bt709
from u2cam.stream.sources.video import FileSource

HLG, PQ, SDR = "arib-std-b67", "smpte2084", "bt709"
NAMES = {HLG: "HLG", PQ: "PQ", SDR: "BT.709"}


def middle_of(image: np.ndarray) -> np.ndarray:
    """The mean of 2x2 pixels of every stripe: what dithering hides a part of."""
    columns = np.arange(8, image.shape[1], 16)
    pixels = image[6:8].astype(float)
    return (pixels[:, columns] + pixels[:, columns + 1]).mean(axis=0) / 2


@pytest.mark.parametrize("order", [(HLG, SDR), (PQ, HLG), (SDR, PQ), (SDR, HLG, SDR)])
def test_by_default_every_part_is_seen_in_bt709(tmp_path: Path, order: tuple[str, ...]) -> None:
    frames = read_clip(changing_chart(tmp_path, *order))
    assert len(frames) == 4 * len(order)
    for frame in frames:
        assert delta_e(frame.image[8, 8::16], CHART).max() < 3


@pytest.mark.parametrize("order", [(HLG, SDR), (PQ, SDR), (PQ, HLG), (HLG, PQ)])
def test_with_hdr_kept_the_rest_is_converted_to_what_came_first(
    tmp_path: Path, order: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    path = changing_chart(tmp_path, *order)
    with FileSource(str(path), keep_hdr=True) as source:
        assert source.info.color.transfer == order[0]
    caplog.clear()
    frames = read_clip(path, keep_hdr=True)
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"changes.ts: the colours change to {NAMES[order[1]]}; converted to {NAMES[order[0]]}"
    ]
    wanted = hdr_signal(CHART, order[0], "bt2020")
    for number, frame in enumerate(frames):
        # A level of 8 bits is 4 % of the light in PQ; BT.709's own 8 bits add to it.
        assert np.abs(middle_of(frame.image) / 255 - wanted).max() < 0.006, number
        shown = to_bt709(
            np.rint(middle_of(frame.image) * 257).astype(np.uint16)[None],
            ColorTags("limited", "bt2020", "bt2020", order[0]),
        )[0]
        assert delta_e(shown, CHART).max() < 6, number


def test_a_run_that_began_in_bt709_stays_there_though_hdr_is_to_be_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = changing_chart(tmp_path, SDR, PQ)
    frames = read_clip(path, keep_hdr=True)
    for frame in frames:
        assert delta_e(frame.image[8, 8::16], CHART).max() < 3
    assert [record.getMessage() for record in caplog.records] == [
        "changes.ts: the colours change to PQ; converted to BT.709"
    ]
