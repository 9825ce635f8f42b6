"""What a GPU renderer keeps from frame to frame, and what it must not."""

import numpy as np
import pytest
import torch

from tests.effects.gpu.scenes import CPU, frames, gpu_renderer, matte, render
from u2cam.core.errors import BackgroundError
from u2cam.core.frame import single_frame
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.imaging.pyramid import Pyramid

SIZE = (320, 180)


class OwnScene:
    """A background of the frame that the device knows nothing of."""

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> np.ndarray:
        return frame.image


def test_an_invalid_matte_leaves_nothing_behind_and_shows_nothing() -> None:
    image = frames(SIZE)[0]
    broken = matte(1)
    broken[3, 5] = np.nan
    renderer, fresh = (gpu_renderer(background="#00b140") for _ in range(2))
    render(renderer, image, matte(0), 0.0)
    shown = render(renderer, image, broken, 1 / 30)
    assert (shown == (0, 177, 64)).all()
    after = render(renderer, image, matte(2), 2 / 30)
    assert np.array_equal(after, render(fresh, image, matte(2), 2 / 30))


def test_after_a_reset_the_past_does_not_count() -> None:
    renderer, fresh = (gpu_renderer(background="black") for _ in range(2))
    for number in range(3):
        render(renderer, frames(SIZE)[number], matte(number), number / 30)
    renderer.reset()
    assert np.array_equal(
        render(renderer, frames(SIZE)[3], matte(3), 0.1),
        render(fresh, frames(SIZE)[3], matte(3), 0.1),
    )


def test_in_a_new_scene_the_past_does_not_count() -> None:
    renderer, fresh = (gpu_renderer(background="black") for _ in range(2))
    for number in range(3):
        render(renderer, frames(SIZE)[number], matte(number), number / 30)
    image, alpha = frames(SIZE)[3], matte(3)
    assert np.array_equal(
        render(renderer, image, alpha, 0.1, scene=1), render(fresh, image, alpha, 0.1)
    )


def test_a_still_background_travels_once_and_again_after_a_reset() -> None:
    renderer = gpu_renderer(background="studio")
    room = np.zeros(renderer.packet(SIZE).bytes, np.uint8)
    sent = [
        renderer.write(single_frame(frames(SIZE)[0], n / 30), room).new_background for n in range(3)
    ]
    renderer.reset()
    sent.append(renderer.write(single_frame(frames(SIZE)[0], 0.1), room).new_background)
    renderer.presentation.set_background("red")
    sent.append(renderer.write(single_frame(frames(SIZE)[0], 0.2), room).new_background)
    assert sent == [True, False, False, True, True]


def test_a_moving_background_travels_with_every_frame() -> None:
    renderer = gpu_renderer(background="bokeh")
    room = np.zeros(renderer.packet(SIZE).bytes, np.uint8)
    written = [renderer.write(single_frame(frames(SIZE)[0], n / 30), room) for n in range(3)]
    assert all(w.new_background and w.bytes == renderer.packet(SIZE).bytes for w in written)


def test_a_changed_background_and_view_show_in_the_next_frame() -> None:
    renderer = gpu_renderer(background="red")
    empty = np.zeros((9, 16), np.float32)
    assert (render(renderer, frames(SIZE)[0], empty, 0.0) == (255, 0, 0)).all()
    renderer.presentation.set_background("blue")
    assert (render(renderer, frames(SIZE)[0], empty, 0.1) == (0, 71, 187)).all()
    renderer.presentation.cycle_view()
    assert renderer.presentation.view == "foreground"
    assert not render(renderer, frames(SIZE)[0], empty, 0.2).any()


def test_another_frame_size_starts_anew() -> None:
    renderer = gpu_renderer(background="red")
    for size_wh in (SIZE, (160, 90), SIZE):
        picture = render(renderer, frames(size_wh)[0], np.zeros((9, 16), np.float32), 0.0)
        assert picture.shape == (size_wh[1], size_wh[0], 3)
        assert (picture == (255, 0, 0)).all()


def test_a_scene_background_without_a_gpu_implementation_is_refused_in_one_line() -> None:
    renderer = gpu_renderer(background=OwnScene())
    room = np.zeros(renderer.packet(SIZE).bytes, np.uint8)
    with pytest.raises(BackgroundError, match=r"OwnScene.*model\.resident"):
        renderer.write(single_frame(frames(SIZE)[0], 0.0), room)


def test_a_recording_gets_what_frames_change_so_that_a_rehearsal_can_be_undone() -> None:
    seen: list[int] = []

    def capture(launch, state):  # type: ignore[no-untyped-def]
        def rehearsed(packet: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
            kept = [values.clone() for values in state()]
            for _ in range(3):
                launch(packet, alpha)
            for values, before in zip(state(), kept, strict=True):
                values.copy_(before)
            seen.append(len(kept))
            return launch(packet, alpha)

        return rehearsed

    rehearsing = GpuRenderer(CPU, Presentation("bokeh"), capture=capture)
    plain = gpu_renderer(background="bokeh")
    for number in range(3):
        image, alpha = frames(SIZE)[number], matte(number)
        assert np.array_equal(
            render(rehearsing, image, alpha, number / 30), render(plain, image, alpha, number / 30)
        )
    assert seen[0] >= 4
