"""What is held out from training."""

from collections import Counter
from pathlib import Path

import pytest

from u2cam.model.datasets import splits


def test_every_tenth_photo_is_held_out_for_validation_and_test_in_turn() -> None:
    found = {n: splits.photo(Path(f"{n:04d}.jpg")) for n in range(40)}
    held_out = {number: split for number, split in found.items() if split != "train"}
    assert held_out == {0: "test", 10: "validation", 20: "test", 30: "validation"}


def test_every_fifth_keyed_portrait_is_held_out() -> None:
    found = [splits.keyed(Path(f"keyed_{n:04d}.webp")) for n in range(12)]
    assert [n for n, split in enumerate(found) if split != "train"] == [0, 5, 10]
    assert found[5] == "validation" and found[10] == "test"


def test_what_the_renderer_calls_test_is_test_and_of_the_rest_a_tenth_validates() -> None:
    names = [f"s{number:09d}.webp" for number in range(1000)]
    assert {splits.rendered(Path("test") / name) for name in names} == {"test"}
    counts = Counter(splits.rendered(Path("train") / name) for name in names)
    assert set(counts) == {"train", "validation"}
    assert 70 <= counts["validation"] <= 130


def test_rendered_people_that_were_never_split_get_three_splits() -> None:
    counts = Counter(splits.rendered(Path("rendered") / f"s{n}.webp") for n in range(1000))
    assert all(70 <= counts[split] <= 130 for split in ("validation", "test"))


def test_of_the_first_scenes_those_never_trained_on_are_held_out() -> None:
    names = [f"scene_{number:03d}.jpg" for number in range(100)]
    held_out = [name for name in names if splits.scene(Path(name)) != "train"]
    assert held_out == names[1::10]
    assert len(splits.HELD_OUT_SCENES) == 15
    counts = Counter(splits.scene(Path(f"{name}.jpg")) for name in splits.HELD_OUT_SCENES)
    assert counts == {"test": 8, "validation": 7}


def test_of_other_scenes_a_tenth_is_held_out_by_name() -> None:
    counts = Counter(splits.scene(Path(f"room {number}.jpg")) for number in range(2000))
    assert 150 <= counts["validation"] + counts["test"] <= 250
    assert min(counts["validation"], counts["test"]) > 60


@pytest.mark.parametrize("name", splits.HELD_OUT_CLIPS)
def test_clips_that_only_measure_are_refused_by_name(name: str) -> None:
    for path in (f"frames/{name}_00012.jpg", f"{name}/00012.jpg", f"clips/{name}.mp4"):
        with pytest.raises(ValueError, match="this clip is set aside"):
            splits.refuse_held_out_clip(Path(path))
    splits.refuse_held_out_clip(Path("frames/talk_d3_00012.jpg"))
    splits.refuse_held_out_clip(Path("frames/talk_d99.jpg"))
