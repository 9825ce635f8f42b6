"""Frames there and back with a made-up network, by the code that a GPU runs, on the CPU."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.errors import MatteError
from u2cam.core.frame import ComposedFrame, Frame
from u2cam.core.protocols import Compositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.gpu.transfer import Slot
from u2cam.effects.presentation import Presentation
from u2cam.stream.sources.demo import DemoSource

CPU = torch.device("cpu")


def frames(count: int) -> list[Frame]:
    with DemoSource((64, 36)) as source:
        return [source.read() for _ in range(count)]


class Scripted:
    """Mattes of one value each; keeps what it was asked and what came back to it."""

    model_name = device_name = "made up"
    precision = "fp32"
    input_size_wh = (32, 18)
    input_sizes_wh: Sequence[tuple[int, int]] = ((32, 18), (16, 9))
    torch_device = CPU
    batch = 3

    def __init__(self) -> None:
        self.value = 1.0
        self.broken = False
        self.said: list[str] = []
        self.learnt: list[int] = []

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        self.input_size_wh = size_wh

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        return self.input_size_wh

    def mattes(
        self, images: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor, Callable[[NDArray[np.uint8]], None]]:
        if self.broken:
            raise RuntimeError("the network fails")
        self.said.append(f"{len(images)} frames")
        width, height = self.input_size_wh
        summaries = torch.full((len(images), 2, 3), 7, dtype=torch.uint8)
        alphas = torch.full((len(images), height, width), self.value)
        return alphas, summaries, lambda summary: self.learnt.append(int(summary.sum()))

    def forget(self) -> None:
        self.said.append("forget")


def compositor(matter: Scripted, background: str = "#00b140") -> GpuCompositor:
    return GpuCompositor(matter, GpuRenderer(CPU, Presentation(background)))


def composed(made_by: GpuCompositor, given: list[Frame]) -> list[np.ndarray]:
    made_by.submit(given)
    return [made_by.render(ready) for ready in made_by.collect()]


def test_it_fulfils_the_pipelines_protocol() -> None:
    made: Compositor = compositor(Scripted())
    assert made.picture_size((4, 2)) == (4, 2) and made.picture_kind == "rgb"
    assert list(made.collect()) == []


def test_frames_come_back_in_order_with_their_composites() -> None:
    matter = Scripted()
    made, given = compositor(matter, "none"), frames(5)
    made.submit(given[:3])
    made.submit(given[3:])
    ready = [*made.collect(), *made.collect()]
    assert [one.frame for one in ready] == given
    for one in ready:
        assert isinstance(one, ComposedFrame) and one.matte_wh == (32, 18)
        assert np.array_equal(made.render(one), one.frame.image)
    assert matter.learnt == [6 * 7] * 5


def test_a_new_scene_is_a_new_start_also_within_a_batch() -> None:
    matter = Scripted()
    made = compositor(matter)
    scenes = (0, 0, 1)
    composed(made, [replace(f, scene=s) for f, s in zip(frames(3), scenes, strict=True)])
    assert matter.said == ["forget", "2 frames", "forget", "1 frames"]
    composed(made, [replace(frames(1)[0], scene=1)])
    assert matter.said[4:] == ["1 frames"]
    made.reset()
    composed(made, [replace(frames(1)[0], scene=1)])
    assert matter.said[5:] == ["forget", "1 frames"]


def test_a_reset_gives_up_what_is_in_flight_at_the_next_submit() -> None:
    made, given = compositor(Scripted()), frames(2)
    made.submit(given[:1])
    made.reset()
    made.submit(given[1:])
    assert [one.frame for one in made.collect()] == given[1:]
    assert not made.collect()


def test_a_matte_that_is_not_valid_is_refused() -> None:
    matter = Scripted()
    made = compositor(matter)
    for value in (float("nan"), 1.5, -0.5):
        matter.value = value
        made.submit(frames(1))
        with pytest.raises(MatteError, match="matte of frame 0"):
            made.collect()


def test_warming_up_leaves_no_trace_and_takes_every_input_size() -> None:
    matter = Scripted()
    made = compositor(matter)
    assert made.warm_up((64, 36), live=True) > 0
    assert matter.input_size_wh == (32, 18)
    assert matter.said == ["forget", *["3 frames"] * 6]
    warm = composed(made, frames(3))
    assert matter.said[7:] == ["forget", "3 frames"]
    assert all(map(np.array_equal, warm, composed(compositor(Scripted()), frames(3))))


def test_a_warm_up_that_fails_leaves_nothing_in_flight() -> None:
    matter = Scripted()
    matter.broken = True
    made = compositor(matter)
    with pytest.raises(RuntimeError, match="the network fails"):
        made.warm_up((64, 36), live=False)
    assert not made.collect()


def test_another_renderer_takes_over_between_two_frames() -> None:
    matter = Scripted()
    matter.value = 0.0
    made = compositor(matter, "red")
    assert (composed(made, frames(1))[0] == (255, 0, 0)).all()
    made.use_renderer(GpuRenderer(CPU, Presentation("blue")))
    assert (composed(made, frames(1))[0] == (0, 71, 187)).all()
    with pytest.raises(ValueError, match="kind of picture"):
        made.use_renderer(GpuRenderer(CPU, Presentation("blue", "matte")))


def slots_counted(made: GpuCompositor, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the slots that are taken and given back from now on."""
    counts = {"taken": 0, "given back": 0}
    take, give_back = made._transfer.slot, made._transfer.give_back

    def counted_take(count: int) -> Slot:
        counts["taken"] += 1
        return take(count)

    def counted_give_back(slot: Slot) -> None:
        counts["given back"] += 1
        give_back(slot)

    monkeypatch.setattr(made._transfer, "slot", counted_take)
    monkeypatch.setattr(made._transfer, "give_back", counted_give_back)
    return counts


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_wrong_mark_within_a_batch_leaves_no_slot_behind(
    monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    made, given = compositor(Scripted()), frames(6)
    slots = slots_counted(made, monkeypatch)
    made.submit(given[:3])
    made.submit(given[3:])
    made._flying[0][wrong].download.wait()[8:12] = 255  # the mark, as if the copy never came
    with pytest.raises(RuntimeError, match=f"asked for frame {wrong}, got nan"):
        made.collect()
    assert slots == {"taken": 6, "given back": 3}
    made.reset()
    assert len(composed(made, given[:1])) == 1
    assert slots == {"taken": 7, "given back": 7}


def test_a_batch_that_cannot_be_launched_leaves_no_slot_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matter = Scripted()
    made = compositor(matter)
    slots = slots_counted(made, monkeypatch)
    matter.broken = True
    with pytest.raises(RuntimeError, match="the network fails"):
        made.submit(frames(3))
    assert slots == {"taken": 3, "given back": 3}
    matter.broken = False
    assert len(composed(made, frames(1))) == 1
