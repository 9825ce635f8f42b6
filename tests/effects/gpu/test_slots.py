"""Memory for frames on a device comes back after every failure; on the CPU, by the same code."""

import pytest
import torch

from u2cam.core.frame import Frame
from u2cam.effects.gpu.chain import DeviceChain
from u2cam.effects.gpu.compositor import DevicePath
from u2cam.effects.gpu.transfer import Slot
from u2cam.effects_slot import EffectsSlot
from u2cam.model.engines.device import resolve_device
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.registry import find_spec
from u2cam.stream.sources.demo import DemoSource

pytestmark = pytest.mark.usefixtures("one_thread")


def demo_frames(count: int) -> list[Frame]:
    with DemoSource((320, 180)) as source:
        return [source.read() for _ in range(count)]


def batched_path() -> DevicePath:
    """A path that takes three frames at once."""
    torch.manual_seed(0)
    spec = find_spec("u2netp")
    engine = TorchEngine(spec.build().eval(), resolve_device("cpu"), "fp32")
    matter = DeviceMatter(spec, engine, input_size_wh=(64, 64), batch=3)
    return DevicePath(matter, EffectsSlot(DeviceChain(matter.torch_device, None, "#00b140")))


def composed(path: DevicePath, frames: list[Frame]) -> int:
    """Return the number of composites that come back."""
    path.submit(frames)
    return len(path.collect())


def slots_counted(path: DevicePath, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the slots that a path takes and gives back from now on."""
    counts = {"taken": 0, "given back": 0}
    take, give_back = path._transfer.slot, path._transfer.give_back

    def counted_take(count: int) -> Slot:
        counts["taken"] += 1
        return take(count)

    def counted_give_back(slot: Slot) -> None:
        counts["given back"] += 1
        give_back(slot)

    monkeypatch.setattr(path._transfer, "slot", counted_take)
    monkeypatch.setattr(path._transfer, "give_back", counted_give_back)
    return counts


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_wrong_mark_within_a_batch_leaves_no_slot_behind(
    monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    frames = demo_frames(6)
    path = batched_path()
    slots = slots_counted(path, monkeypatch)
    path.submit(frames[:3])
    path.submit(frames[3:])
    path._flying[0][wrong].download.wait()[8:12] = 255  # the mark, as if the copy never came
    with pytest.raises(RuntimeError, match=f"asked for frame {wrong}, got nan"):
        path.collect()
    assert slots == {"taken": 6, "given back": 3}
    path.abandon()
    assert slots == {"taken": 6, "given back": 6}
    assert composed(path, frames[:1]) == 1


def test_a_batch_that_cannot_be_launched_leaves_no_slot_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = demo_frames(3)
    path = batched_path()
    slots = slots_counted(path, monkeypatch)

    def broken(images: list[torch.Tensor]) -> torch.Tensor:
        raise RuntimeError("the network fails")

    with monkeypatch.context() as patched:
        patched.setattr(path._matter, "mattes", broken)
        with pytest.raises(RuntimeError, match="the network fails"):
            path.submit(frames)
    assert slots == {"taken": 3, "given back": 3}
    assert composed(path, frames[:1]) == 1
