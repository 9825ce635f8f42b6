"""Mattes on a device are those of the host's path; memory that runs out costs size, not frames."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from u2cam.core.errors import DeviceError
from u2cam.core.frame import single_frame
from u2cam.model.build import build_matter, gpu_matter, open_network
from u2cam.model.engines.batch import Batch
from u2cam.model.engines.device import Device, resolve_device
from u2cam.model.engines.gpu_memory import frames_that_fit, is_out_of_memory
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.inputs.gpu_preprocess import normalise, resize_input
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.preprocess import fit_input
from u2cam.model.inputs.preprocess import resize_input as resize_on_host
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import ModelSpec, find_spec
from u2cam.model.settings import ModelSettings

CPU = resolve_device("cpu")


def engine(name: str) -> TorchEngine:
    torch.manual_seed(0)
    return TorchEngine(find_spec(name).build().eval(), CPU, "fp32")


def on_gpu(name: str, engine: Any, *, batch: int = 1, **options: Any) -> GpuMatter:
    return GpuMatter(LoadedNetwork(find_spec(name), engine, **options), engine, batch=batch)


def frames(count: int, size_wh: tuple[int, int] = (160, 90)) -> list[np.ndarray]:
    width, height = size_wh
    random = np.random.default_rng(5)
    base = random.integers(0, 256, (height, width, 3), np.uint8)
    return [np.roll(base, 3 * n, axis=1) for n in range(count)]


def tensors(images: list[np.ndarray]) -> list[Tensor]:
    return [torch.from_numpy(image.copy()) for image in images]


def mattes(matter: GpuMatter, images: list[np.ndarray]) -> Tensor:
    return matter.mattes(tensors(images)).alphas


class HungryEngine:
    """A network of one multiplication whose memory holds so many pixels of input at once."""

    device_label = "made up"
    precision = "fp32"
    device = Device(torch.device("cpu"), "made up")

    def __init__(self, most_pixels: Callable[[int], int]) -> None:
        self.most_pixels = most_pixels
        self.calls = 0
        self.tried: list[tuple[int, ...]] = []

    def mattes(self, x: Tensor) -> Tensor:
        self.tried.append((x.shape[0], x.shape[3], x.shape[2]))
        self.calls += 1
        if x[:, 0].numel() > self.most_pixels(self.calls):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return torch.sigmoid(x[:, 0])

    launch = mattes

    def run(self, network_input: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(network_input).permute(0, 3, 1, 2)
        return self.mattes(x)[0].numpy().copy()


@pytest.mark.parametrize("spec", [find_spec("u2net_live"), find_spec("u2netp")])
@pytest.mark.parametrize("size_wh", [(640, 360), (1279, 721), (300, 400), (64, 36)])
def test_pictures_are_fed_as_on_the_host(spec: ModelSpec, size_wh: tuple[int, int]) -> None:
    image = frames(1, size_wh)[0]
    box = fit_input(spec, size_wh, (256, 144) if spec.recurrent else (96, 96))
    wanted = resize_on_host(spec, box, image).astype(np.float32)
    got = resize_input(spec, box, torch.from_numpy(image))
    difference = np.abs(got.permute(1, 2, 0).numpy() - wanted)
    # Each halving rounds to whole levels, and OpenCV's bilinear step its own way.
    assert difference.max() <= 2
    assert difference.mean() < 0.5  # of pure noise, the hardest picture
    assert normalise(got).shape == (3, box.network_wh[1], box.network_wh[0])


@pytest.mark.parametrize("name", ["u2net_live", "u2netp"])
def test_mattes_are_those_of_the_hosts_path(name: str) -> None:
    wh = (128, 72) if name == "u2net_live" else (64, 64)
    matter = on_gpu(name, engine(name), input_size_wh=wh, batch=2)
    host = NetworkMatter(matter.network)
    images = frames(5)
    wanted = [host.matte(single_frame(image)).copy() for image in images]
    batches = [mattes(matter, images[:2]), mattes(matter, images[2:])]
    got = torch.cat(batches)
    assert got.shape == (5, *reversed(matter.matte_size((160, 90))))
    assert np.abs(got.numpy() - np.stack(wanted)).max() < 0.02


def test_a_recurrent_network_takes_one_frame_at_a_time() -> None:
    assert on_gpu("u2net_live", engine("u2net_live"), input_size_wh=(64, 36), batch=8).batch == 1


def test_a_broken_matte_is_not_fed_back() -> None:
    class Breaks(HungryEngine):
        def mattes(self, x: Tensor) -> Tensor:
            self.tried.append(tuple(float(v) for v in (x[:, 3].min(), x[:, 3].max())))
            self.calls += 1
            return torch.full(x[:, 0].shape, torch.nan if self.calls == 4 else 0.9)

    broken = Breaks(lambda call: 10**9)
    matter = on_gpu("u2net_live", broken, input_size_wh=(64, 36))
    alphas = [mattes(matter, [image]) for image in frames(3)]
    assert [bool(torch.isfinite(a).all()) for a in alphas] == [True, False, True]
    fed_back = broken.tried
    # Of the first frame, half of what the first pass showed is left; of the broken one nothing.
    assert fed_back[3] == pytest.approx((0.8, 0.8)) and fed_back[4] == pytest.approx((0.4, 0.4))


def test_a_batch_that_does_not_fit_is_halved_and_no_frame_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pixels = 32 * 32
    hungry = HungryEngine(lambda call: 3 * pixels)
    plenty = HungryEngine(lambda call: 100 * pixels)
    images = frames(11)
    limited = on_gpu("u2netp", hungry, input_size_wh=(32, 32), batch=8)
    free = on_gpu("u2netp", plenty, input_size_wh=(32, 32), batch=16)
    with caplog.at_level(logging.WARNING):
        got = mattes(limited, images)
    assert torch.equal(got, mattes(free, images))
    assert [tried[0] for tried in hungry.tried] == [8, 4, 2, 2, 2, 2, 2, 1]
    assert limited.batch == 2
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2 and "from now on 2; no frame is lost" in said[1]


def test_memory_that_runs_out_in_the_middle_costs_no_frame() -> None:
    hungry = HungryEngine(lambda call: (4 if call <= 2 else 1) * 32 * 32)
    matter = on_gpu("u2netp", hungry, input_size_wh=(32, 32), batch=4)
    images = frames(10)
    got = mattes(matter, images)
    free = on_gpu("u2netp", HungryEngine(lambda call: 10**9), input_size_wh=(32, 32))
    assert torch.equal(got, mattes(free, images))
    assert matter.batch == 1


def test_offline_one_frame_that_does_not_fit_ends_the_run() -> None:
    hungry = HungryEngine(lambda call: 0)
    matter = on_gpu("u2netp", hungry, batch=2)
    with pytest.raises(torch.OutOfMemoryError):
        mattes(matter, frames(2))


@pytest.mark.parametrize("stays", [True, False])
def test_live_a_frame_that_does_not_fit_takes_a_smaller_input_for_good_and_says_so(
    stays: bool, caplog: pytest.LogCaptureFixture
) -> None:
    hungry = HungryEngine(lambda call: 256 * 144)
    matter = on_gpu("u2net_live", hungry, degrades=True)
    host = NetworkMatter(matter.network)
    assert matter.input_sizes_wh[0] == (512, 288)
    image = frames(1)[0]
    with caplog.at_level(logging.WARNING):
        alpha = mattes(matter, [image])[0].numpy() if stays else host.matte(single_frame(image))
    assert alpha.shape == (144, 256) == tuple(reversed(matter.matte_size((160, 90))))
    assert matter.input_sizes_wh == ((256, 144),)
    assert [r.getMessage().split(": ", 1)[1] for r in caplog.records] == [
        "out of memory with network input 512x288: from now on 384x216",
        "out of memory with network input 384x216: from now on 256x144",
    ]
    matter.use_input_size((512, 288))  # as the latency budget would
    assert host.matte(single_frame(image)).shape == (144, 256)


def test_live_the_smallest_input_that_does_not_fit_is_a_failed_matte() -> None:
    hungry = HungryEngine(lambda call: 0)
    matter = on_gpu("u2net_live", hungry, degrades=True)
    with pytest.raises(torch.OutOfMemoryError):
        mattes(matter, frames(1))


def test_other_errors_are_not_taken_for_memory() -> None:
    def fails(x: Tensor) -> Tensor:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        Batch(4).map(fails, torch.zeros(4))
    assert is_out_of_memory(RuntimeError("CUDA error: out of memory"))
    assert is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"))
    assert not is_out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize(
    ("free_mb", "frame_mb", "count"),
    [(10_000, 100, 16), (1000, 100, 4), (100, 100, 1), (0, 100, 1), (300, 100, 2)],
)
def test_as_many_frames_as_fit_up_to_16_in_powers_of_two(
    free_mb: int, frame_mb: int, count: int
) -> None:
    assert frames_that_fit(free_mb * 10**6, frame_mb * 10**6) == count


def test_bars_are_cut_off_on_the_device_too() -> None:
    hungry = HungryEngine(lambda call: 10**9)
    matter = on_gpu("u2net_live", hungry, input_size_wh=(128, 72))
    box = fit_input(find_spec("u2net_live"), (90, 90), (128, 72))
    assert box != Letterbox.fit((90, 90), (128, 72), keep_aspect=False)
    alpha = mattes(matter, frames(1, (90, 90)))
    assert alpha.shape == (1, box.content_wh[1], box.content_wh[0])


def test_a_network_that_does_not_fit_at_all_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(self: TorchEngine, network_input: np.ndarray) -> np.ndarray:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(TorchEngine, "run", full)
    settings = ModelSettings(name="u2net_live", device="cpu", engine="torch", precision="fp32")
    with pytest.raises(DeviceError, match="no memory left for the network"):
        build_matter(settings)


def test_host_and_gpu_matter_share_the_network_and_its_input_size() -> None:
    settings = ModelSettings(name="u2net_live", device="cpu", engine="torch", precision="fp32")
    network = open_network(settings, live=True)
    assert network is not None
    matter = gpu_matter(network, frame_wh=(160, 90))
    assert matter is not None and matter.batch == 1
    matter.use_input_size((256, 144))
    assert NetworkMatter(network).matte(single_frame(frames(1)[0])).shape == (144, 256)
    assert matter.mattes(tensors(frames(1))).alphas.shape == (1, 144, 256)


def test_a_network_that_openvino_runs_has_no_gpu_matter() -> None:
    assert gpu_matter(LoadedNetwork(find_spec("u2netp"), HungryEngine(lambda call: 0))) is None
    assert gpu_matter(None) is None
