import pytest

from u2cam.core.plural import counted
from u2cam.progress import Progress


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames"), (1000, "1000 frames")]
)
def test_one_thing_is_not_several(count: int, said: str) -> None:
    assert counted(count, "frame") == said


def test_progress_counts_so() -> None:
    assert str(Progress(1, None, 1.0, 1.0)) == "1 frame, 1.0 fps"
    assert str(Progress(0, 1, 1.0, 1.0)) == "0 of 1 frame, 1.0 fps"
