import numpy as np
import pytest

from tests.fakes import FakeMatter, FakeRenderer, numbered_image
from u2cam.core.errors import MatteError
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Compositor
from u2cam.effects.compositor import CpuCompositor

FRAMES = [single_frame(numbered_image(number), number / 30) for number in range(3)]


def test_frames_come_back_in_order_with_their_mattes_and_then_no_more() -> None:
    compositor: Compositor = CpuCompositor(FakeMatter(scale=0.5), FakeRenderer())
    compositor.submit(FRAMES)
    ready = compositor.collect()
    assert [frame.frame for frame in ready] == FRAMES
    assert not compositor.collect()
    assert np.array_equal(compositor.render(ready[0]), FRAMES[0].image)


@pytest.mark.parametrize("failure", ["nan", "wrong_size", "out_of_range"])
def test_a_matte_that_is_not_valid_is_refused_and_its_batch_given_up(failure: str) -> None:
    compositor = CpuCompositor(FakeMatter(failures={1: failure}), FakeRenderer())  # type: ignore[dict-item]
    with pytest.raises(MatteError):
        compositor.submit(FRAMES)
    compositor.submit(FRAMES[2:])
    assert [frame.frame for frame in compositor.collect()] == FRAMES[2:]


def test_another_renderer_takes_over_between_two_frames() -> None:
    compositor = CpuCompositor(
        FakeMatter(lambda image: np.zeros(image.shape[:2], np.float32)), FakeRenderer((255, 0, 0))
    )
    compositor.submit(FRAMES[:1])
    (ready,) = compositor.collect()
    assert compositor.render(ready)[0, 0].tolist() == [255, 0, 0]
    blue = FakeRenderer((0, 0, 255))
    compositor.use_renderer(blue)
    assert compositor.render(ready)[0, 0].tolist() == [0, 0, 255]
    assert compositor.renderer is blue


def test_a_renderer_of_another_kind_of_picture_is_refused() -> None:
    compositor = CpuCompositor(FakeMatter(), FakeRenderer())
    with pytest.raises(ValueError, match="kind of picture"):
        compositor.use_renderer(FakeRenderer(picture_kind="gray"))


def test_a_reset_reaches_network_and_renderer() -> None:
    matter, renderer = FakeMatter(), FakeRenderer()
    CpuCompositor(matter, renderer).reset()
    assert (matter.reset_before, renderer.reset_before) == ([0], [0])
