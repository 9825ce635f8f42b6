from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.clip_sets import PACES, draw_specs, people_of, scenes_of
from bench.clips import make_clip
from bench.motion import SPEED_PX_S, Wave


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person before grass, in eight photos, and as many scenes."""
    folder = tmp_path_factory.mktemp("data")
    for part in ("ccp/images", "ccp/masks", "backgrounds"):
        (folder / part).mkdir(parents=True)
    mask = np.zeros((400, 200), np.uint8)
    cv2.ellipse(mask, (100, 60), (30, 40), 0, 0, 360, 255, -1)
    cv2.rectangle(mask, (50, 95), (150, 380), 255, -1)
    photo = np.where(
        mask[..., None] > 0, np.array((40, 60, 200), np.uint8), np.array((40, 160, 40), np.uint8)
    )
    for number in range(10, 90, 5):
        cv2.imwrite(str(folder / "ccp/images" / f"{number:04d}.jpg"), photo)
        cv2.imwrite(str(folder / "ccp/masks" / f"{number:04d}.png"), mask)
        scene = np.random.default_rng(number).integers(0, 256, (9, 16, 3), dtype=np.uint8)
        cv2.imwrite(
            str(folder / "backgrounds" / f"scene_{number // 5:03d}.jpg"),
            cv2.resize(scene, (160, 90)),
        )
    cv2.imwrite(str(folder / "backgrounds" / "flower_12.jpg"), photo)
    return folder


def test_the_sets_share_no_person_and_no_scene(data: Path) -> None:
    assert people_of("tuning", data) == [10, 30, 50, 70]
    assert people_of("test", data) == [20, 40, 60, 80]
    scenes = {name: scenes_of(name, data) for name in ("tuning", "test")}
    assert all(scene.startswith("scene_") for found in scenes.values() for scene in found)
    assert not set(scenes["tuning"]) & set(scenes["test"])


def test_fewer_clips_are_the_first_of_the_same_draw() -> None:
    people, scenes = list(range(0, 200, 20)), [f"scene_{i:03d}.jpg" for i in range(20)]
    whole = draw_specs("test", people, scenes, 10)
    assert draw_specs("test", people, scenes, 4) == whole[:4]
    assert len({spec.photo for spec in whole}) == len({spec.scene for spec in whole}) == 10
    assert [spec.pace for spec in whole[:8]] == list(PACES)


def test_a_set_larger_than_its_data_is_refused() -> None:
    with pytest.raises(ValueError, match="16 people and scenes, there are 2 and 3"):
        draw_specs("test", [20, 40], ["a", "b", "c"], 16)


def test_paths_have_the_speed_they_were_drawn_with() -> None:
    for seed in range(5):
        wave = Wave(np.random.default_rng(seed), "lively", 100.0)
        places = np.array([wave.at(t / 100) for t in range(20000)])
        assert np.sqrt(np.square(np.diff(places) * 100).mean()) == pytest.approx(100, rel=0.1)
    assert SPEED_PX_S["calm"][1] <= SPEED_PX_S["lively"][0] < SPEED_PX_S["fast"][0]


def test_a_clip_is_the_same_each_time_and_its_truth_composes_it(data: Path) -> None:
    spec = draw_specs("tuning", people_of("tuning", data), scenes_of("tuning", data), 1)[0]
    clip = make_clip(spec, data, 2, (640, 360))
    again = make_clip(spec, data, 2, (640, 360))
    assert (clip.frames == again.frames).all()
    assert clip.alpha_u8.shape == (2, 360, 640)
    assert (clip.alpha_u8 == 255).any()
    assert (clip.alpha_u8 == 0).any()
    solid = clip.alpha_u8 == 255
    noise = clip.frames[solid].astype(float) - clip.foreground[solid]
    assert 0.5 < noise.std() < 5
