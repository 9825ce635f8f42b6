from u2cam.core.scene import SceneGate


def test_the_first_frame_of_each_scene_is_new_and_no_other() -> None:
    gate = SceneGate()
    assert [gate.is_new(scene) for scene in (0, 0, 1, 1, 0)] == [True, False, True, False, True]


def test_after_a_reset_the_next_frame_is_new_whatever_its_scene() -> None:
    gate = SceneGate()
    gate.is_new(3)
    gate.reset()
    assert gate.is_new(3) and not gate.is_new(3)
    gate.reset()
    assert gate.is_new(4) and not gate.is_new(4)
