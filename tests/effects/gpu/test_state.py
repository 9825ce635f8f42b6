"""What a device chain remembers from frame to frame, and what it must not."""

import numpy as np
import pytest
import torch

from tests.effects.gpu.scenes import CPU, frames, matte, render
from u2cam.effects.backgrounds.base import BackgroundError
from u2cam.effects.gpu.chain import DeviceChain

SIZE = (320, 180)


class OwnScene:
    """A background of the frame that the device knows nothing of."""

    def from_frame(self, image: np.ndarray, alpha_u8: np.ndarray) -> np.ndarray:
        return image


def test_an_invalid_matte_leaves_nothing_behind_and_shows_nothing() -> None:
    image = frames(SIZE)[0]
    broken = matte(1)
    broken[3, 5] = np.nan
    chain, fresh = (DeviceChain(CPU, background="#00b140") for _ in range(2))
    render(chain, image, matte(0), 0.0)
    shown = render(chain, image, broken, 1 / 30)
    assert (shown == (0, 177, 64)).all()
    after = render(chain, image, matte(2), 2 / 30)
    assert np.array_equal(after, render(fresh, image, matte(2), 2 / 30))


def test_after_a_reset_the_past_does_not_count() -> None:
    chain, fresh = (DeviceChain(CPU, background="black") for _ in range(2))
    for number in range(3):
        render(chain, frames(SIZE)[number], matte(number), number / 30)
    chain.reset()
    assert np.array_equal(
        render(chain, frames(SIZE)[3], matte(3), 0.1), render(fresh, frames(SIZE)[3], matte(3), 0.1)
    )


def test_a_still_background_travels_once_and_again_after_a_reset() -> None:
    chain = DeviceChain(CPU, background="studio")
    room = np.zeros(chain.packet(SIZE).bytes, np.uint8)
    sent = [chain.write(frames(SIZE)[0], n / 30, room).new_background for n in range(3)]
    chain.reset()
    sent.append(chain.write(frames(SIZE)[0], 0.1, room).new_background)
    chain.set_background("red")
    sent.append(chain.write(frames(SIZE)[0], 0.2, room).new_background)
    assert sent == [True, False, False, True, True]


def test_a_moving_background_travels_with_every_frame() -> None:
    chain = DeviceChain(CPU, background="bokeh")
    room = np.zeros(chain.packet(SIZE).bytes, np.uint8)
    written = [chain.write(frames(SIZE)[0], n / 30, room) for n in range(3)]
    assert all(w.new_background and w.bytes == chain.packet(SIZE).bytes for w in written)


def test_a_changed_background_and_view_show_in_the_next_frame() -> None:
    chain = DeviceChain(CPU, background="red")
    empty = np.zeros((9, 16), np.float32)
    assert (render(chain, frames(SIZE)[0], empty, 0.0) == (255, 0, 0)).all()
    chain.set_background("blue")
    assert (render(chain, frames(SIZE)[0], empty, 0.1) == (0, 71, 187)).all()
    chain.cycle_view()
    assert chain.view == "foreground"
    assert not render(chain, frames(SIZE)[0], empty, 0.2).any()


def test_another_frame_size_starts_anew() -> None:
    chain = DeviceChain(CPU, background="red")
    for size_wh in (SIZE, (160, 90), SIZE):
        picture = render(chain, frames(size_wh)[0], np.zeros((9, 16), np.float32), 0.0)
        assert picture.shape == (size_wh[1], size_wh[0], 3)
        assert (picture == (255, 0, 0)).all()


def test_a_scene_background_without_a_twin_is_refused_in_one_line() -> None:
    chain = DeviceChain(CPU, background=OwnScene())
    room = np.zeros(chain.packet(SIZE).bytes, np.uint8)
    with pytest.raises(BackgroundError, match=r"OwnScene.*model\.resident"):
        chain.write(frames(SIZE)[0], 0.0, room)


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

    rehearsing = DeviceChain(CPU, background="bokeh", capture=capture)
    plain = DeviceChain(CPU, background="bokeh")
    for number in range(3):
        image, alpha = frames(SIZE)[number], matte(number)
        assert np.array_equal(
            render(rehearsing, image, alpha, number / 30), render(plain, image, alpha, number / 30)
        )
    assert seen[0] >= 4
