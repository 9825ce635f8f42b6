"""`end_s` of a video file: exact to the frame, and said to whoever writes."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.media import Clip
from tests.reading import read_clip
from u2cam.stream.sources.video import FileSource


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts"])
def test_start_and_end_share_a_file_without_a_gap(tmp_path: Path, ending: str) -> None:
    clip = Clip(frames=25, rate=Fraction(25)).write(tmp_path / f"a{ending}")
    for second in (0.2, 0.21, 0.5):
        before, after = read_clip(clip, end_s=second), read_clip(clip, start_s=second)
        assert len(before) + len(after) == 25
        assert len(before) == -(-round(second * 100) * 25 // 100)


def test_info_of_a_part_is_that_of_the_part(tmp_path: Path) -> None:
    clip = Clip(frames=25, rate=Fraction(25)).write(tmp_path / "a.mp4")
    with FileSource(str(clip), start_s=0.2, end_s=0.6) as source:
        assert source.info.duration_s == pytest.approx(0.4)
        assert source.info.frames == 10
    with FileSource(str(clip), end_s=20) as source:
        assert source.info.duration_s == pytest.approx(1.0)
        assert source.info.frames == 25
    assert len(read_clip(clip, start_s=0.2, end_s=0.6)) == 10


def test_a_part_without_a_picture_is_said_in_one_line(tmp_path: Path) -> None:
    clip = Clip(frames=3, rate=Fraction(1)).write(tmp_path / "a.mkv")
    with pytest.raises(ValueError, match=r"between second 1\.2 and 1\.8"):
        read_clip(clip, start_s=1.2, end_s=1.8)
