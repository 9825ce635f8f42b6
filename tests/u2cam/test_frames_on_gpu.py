"""Frames that stay on the GPU, end to end: the very code that a GPU runs, on the CPU."""

import json
import logging
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.media import Clip, Sound, read_beeps, read_rgb, read_times
from u2cam import compositors
from u2cam.cli.arguments import parse
from u2cam.cli.main import main
from u2cam.compositors import (
    Appearance,
    RunCompositor,
    build_compositor,
    build_presentation,
    read_again,
)
from u2cam.core.errors import MatteError
from u2cam.core.frame import Frame
from u2cam.core.protocols import Compositor
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.inputs import InputPlan
from u2cam.model.build import open_network
from u2cam.model.engines.device import resolve_device
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.gpu_matter import GpuRegionMatter
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.settings import ModelSettings
from u2cam.settings import load
from u2cam.stream.sources.demo import DemoSource

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("one_thread")]
SIZE = (320, 180)
ON = ("--device", "cpu", "--set", "model.resident=on", "--set", "model.input_size=128x72")


def demo_frames(count: int) -> list[Frame]:
    with DemoSource(SIZE) as source:
        return [source.read() for _ in range(count)]


def live_network() -> LoadedNetwork:
    network = open_network(
        ModelSettings(
            name="u2net_live", device="cpu", resident="on", input_size="128x72", precision="fp32"
        )
    )
    assert network is not None
    return network


def gpu_matter(network: LoadedNetwork | None = None) -> GpuMatter:
    network = network or live_network()
    engine: Any = network.engine
    return GpuMatter(network, engine)


def u2netp_matter(batch: int) -> GpuMatter:
    torch.manual_seed(0)
    engine = TorchEngine(find_spec("u2netp").build().eval(), resolve_device("cpu"), "fp32")
    network = LoadedNetwork(find_spec("u2netp"), engine, input_size_wh=(64, 64))
    return GpuMatter(network, engine, batch=batch)


def on_gpu(
    matter: GpuMatter | None = None, background: str = "#00b140", view: str = "composite"
) -> GpuCompositor:
    matter = matter or gpu_matter()
    return GpuCompositor(matter, GpuRenderer(matter.torch_device, Presentation(background, view)))


def rendered(compositor: Compositor, frames: list[Frame]) -> list[np.ndarray]:
    """What the pipeline would show of frames, one after the other."""
    pictures = []
    for frame in frames:
        compositor.submit([frame])
        pictures += [compositor.render(ready) for ready in compositor.collect()]
    return pictures


def talk(tmp_path: Path) -> Path:
    def draw(number: int, size_wh: tuple[int, int] = (160, 120)) -> np.ndarray:
        image = np.full((size_wh[1], size_wh[0], 3), (60, 70, 160), np.uint8)
        cv2.ellipse(image, (80 + number % 3, 125), (45, 58), 0, 0, 360, (200, 40, 40), -1)
        cv2.ellipse(image, (80 + number % 3, 45), (18, 26), 0, 0, 360, (220, 170, 140), -1)
        return image

    clip = Clip(
        size_wh=(160, 120),
        frames=9,
        pts=[0, 1, 2, 3, 5, 6, 9, 10, 11],
        draw=draw,
        sounds=[Sound(length_s=0.5, beeps_s=[0.2])],
    )
    return clip.write(tmp_path / "talk.mp4")


def test_frames_that_stay_on_the_gpu_look_as_on_the_cpu() -> None:
    frames = demo_frames(4)
    network = live_network()
    on_cpu = CpuCompositor(NetworkMatter(network), CpuRenderer(Presentation("#00b140")))
    wanted = rendered(on_cpu, frames)
    got = rendered(on_gpu(gpu_matter(network)), frames)
    difference = np.abs(np.stack(wanted).astype(np.int16) - np.stack(got))
    # Pictures differ by a level where they are made small, hence mattes in the third digit.
    assert difference.mean() < 0.1
    assert (difference > 6).mean() < 1e-3


@pytest.mark.parametrize("view", ["composite", "matte", "cutout", "side-by-side"])
def test_a_batch_gives_what_single_frames_give(view: str) -> None:
    frames = demo_frames(5)
    single = rendered(on_gpu(u2netp_matter(1), view=view), frames)
    several = on_gpu(u2netp_matter(3), view=view)
    assert several.batch == 3
    several.submit(frames[:3])
    several.submit(frames[3:])  # while the first are on their way
    both = [several.render(ready) for ready in (*several.collect(), *several.collect())]
    difference = np.abs(np.stack(single).astype(np.int16) - np.stack(both))
    # Convolutions of several pictures sum in another order.
    assert difference.max() <= 2


def test_the_gate_judges_what_the_device_measured() -> None:
    network = live_network()
    engine: Any = network.engine
    compositor = on_gpu(gpu_matter(network))
    frames = demo_frames(4)
    real = engine.mattes
    for broken in (torch.nan, torch.inf, 1.5, -0.5):

        def mattes(x: torch.Tensor, value: float = broken) -> torch.Tensor:
            alpha = real(x).clone()
            alpha[0, 3, 5] = value
            return alpha

        engine.mattes = mattes
        with pytest.raises(MatteError, match="matte of frame 0"):
            rendered(compositor, frames[:1])
        compositor.reset()
    engine.mattes = real
    assert len(rendered(compositor, frames)) == 4


def test_nothing_of_the_frame_is_in_the_picture_of_a_broken_matte() -> None:
    network = live_network()
    engine: Any = network.engine
    engine.mattes = lambda x: torch.full(x[:, 0].shape, torch.nan)
    compositor = on_gpu(gpu_matter(network))
    compositor.submit(demo_frames(1))
    composite = compositor._landed(compositor._flying[0][0])
    assert (composite.picture == (0, 177, 64)).all()
    assert np.isnan(composite.matte_low) and np.isnan(composite.matte_high)


def test_a_composite_of_another_frame_is_refused() -> None:
    compositor = on_gpu()
    first, second = demo_frames(2)
    compositor.submit([first])
    stale = compositor._flying[0][0].download
    compositor.collect()
    compositor.submit([second])
    compositor._flying[0][0] = replace(compositor._flying[0][0], download=stale)
    with pytest.raises(RuntimeError, match="its picture is not shown"):
        compositor.collect()


def test_memory_that_runs_out_in_a_batch_loses_no_frame() -> None:
    frames = demo_frames(7)
    wanted = rendered(on_gpu(u2netp_matter(1)), frames)
    matter = u2netp_matter(4)
    engine: Any = matter.network.engine
    real = engine.mattes

    def hungry(x: torch.Tensor) -> torch.Tensor:
        if len(x) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(x)

    engine.mattes = hungry
    compositor = on_gpu(matter)
    compositor.submit(frames[:4])
    compositor.submit(frames[4:])
    got = [compositor.render(ready) for ready in (*compositor.collect(), *compositor.collect())]
    assert compositor.batch == 2
    assert np.abs(np.stack(wanted).astype(np.int16) - np.stack(got)).max() <= 2


def test_a_file_becomes_a_file_with_its_times_and_sound(tmp_path: Path) -> None:
    source, out, stats = talk(tmp_path), tmp_path / "out.mp4", tmp_path / "stats.json"
    argv = ["-i", str(source), "-o", str(out), "-b", "#00b140", "--stats", str(stats)]
    assert main([*argv, "-m", "u2net_live", *ON]) == 0
    assert read_times(out) == read_times(source)
    assert read_beeps(out) == pytest.approx(read_beeps(source), abs=0.002)
    facts = json.loads(stats.read_text())
    assert facts["frames"] == {"in": 9, "out": 9, "placeholder": 0, "dropped": {}}
    assert facts["effects_device"] == facts["device"] == "cpu"
    assert {"capture", "inference", "composite"} <= facts["stages"].keys()
    corners = [frame[:12, :12].reshape(-1, 3).mean(axis=0) for frame in read_rgb(out)]
    assert np.abs(np.stack(corners) - (0, 177, 64)).max() < 12


def test_alpha_goes_out_as_from_the_cpus_path(tmp_path: Path) -> None:
    out = tmp_path / "cut.mov"
    argv = ["-i", str(talk(tmp_path)), "-o", str(out), "--view", "cutout", "-m", "u2net_live"]
    assert main([*argv, *ON]) == 0
    assert len(read_times(out)) == 9


def test_live_frames_stay_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    argv = ["-i", str(talk(tmp_path)), "--live", "-o", "null", "-m", "u2net_live", *ON]
    assert main(argv) == 0
    said = capfd.readouterr()
    assert "effects on cpu" in said.out
    assert "Traceback" not in said.err


def test_an_offline_run_with_a_broken_matte_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = TorchEngine.mattes
    calls = []

    def breaks(self: TorchEngine, x: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return real(self, x) * (torch.nan if len(calls) > 5 else 1)

    monkeypatch.setattr(GpuCompositor, "warm_up", lambda self, size_wh, live: 0.0)
    monkeypatch.setattr(TorchEngine, "mattes", breaks)
    out = tmp_path / "out.mp4"
    argv = ["-i", str(talk(tmp_path)), "-o", str(out), "-m", "u2net_live", *ON]
    assert main(argv) == 1
    assert not out.exists()
    assert "matte of frame" in capfd.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ("-i", "{still}", "-o", "{folder}/out.png"),
        ("-i", "{clip}", "-o", "null", "-m", "grabcut"),
        ("-i", "{clip}", "-o", "null", "--live", "--set", "matting.mode=async"),
        ("-i", "{clip}", "-o", "null", "--set", "model.engine=openvino"),
    ],
)
def test_on_that_cannot_be_had_is_one_line(
    more: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    still = tmp_path / "me.png"
    cv2.imwrite(str(still), np.zeros((36, 64, 3), np.uint8))
    names = {"still": still, "folder": tmp_path, "clip": talk(tmp_path)}
    argv = [word.format(**names) for word in more]
    model = () if "grabcut" in argv else ("-m", "u2net_live")
    assert main([*argv, *model, *ON]) == 2
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("u2cam: ")]
    assert len(lines) == 1
    assert "model.resident = on" in lines[0]


def built(
    *options: str,
    network: LoadedNetwork | None = None,
    live: bool = False,
    rate: int = 30,
    monkeypatch: pytest.MonkeyPatch,
) -> RunCompositor:
    """What a run puts together for a network on the CPU that may keep its frames there."""
    source: Any = SimpleNamespace(info=SimpleNamespace(size_wh=SIZE, rate=Fraction(rate)))
    plan = InputPlan(source, "video", live)
    network = network or live_network()
    monkeypatch.setattr(compositors, "open_network", lambda *given, **named: network)
    monkeypatch.setattr(compositors, "keeps_frames_on_gpu", lambda *given: True)
    appearance, settings = Appearance("black"), load([], options, {})
    return build_compositor(plan, build_presentation(appearance, settings), appearance, settings)


def test_a_device_that_cannot_hold_a_frame_leaves_the_effects_on_the_cpu_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: GpuCompositor, size_wh: tuple[int, int], *, live: bool) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    monkeypatch.setattr(GpuCompositor, "warm_up", full)
    with caplog.at_level(logging.WARNING):
        assert isinstance(built(monkeypatch=monkeypatch), CpuCompositor)
    assert "out of memory" in caplog.text and "the effects run on the CPU" in caplog.text


def test_a_network_slower_than_the_camera_carries_mattes_instead(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(GpuCompositor, "warm_up", lambda self, size_wh, live: 0.2)
    with caplog.at_level(logging.WARNING):
        assert isinstance(built(live=True, monkeypatch=monkeypatch), CpuCompositor)
    assert "200 ms a frame" in caplog.text
    assert isinstance(built(live=False, monkeypatch=monkeypatch), GpuCompositor)
    insists = built("model.resident=on", live=True, monkeypatch=monkeypatch)
    assert isinstance(insists, GpuCompositor)


@pytest.mark.parametrize("region", ["true", "false"])
def test_crops_are_there_whether_frames_stay_or_not(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    option = f"matting.region={region}"
    stays = built(option, monkeypatch=monkeypatch)
    assert isinstance(stays, GpuCompositor)
    assert isinstance(stays._matter, GpuRegionMatter) == (region == "true")
    monkeypatch.setattr(GpuCompositor, "warm_up", lambda self, size_wh, live: 0.2)
    carried = built(option, live=True, monkeypatch=monkeypatch)
    assert isinstance(carried, CpuCompositor)
    assert isinstance(carried._matter, RegionMatter) == (region == "true")


def test_warming_up_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    warm = built("matting.region=false", monkeypatch=monkeypatch)
    frames = demo_frames(3)
    fresh = on_gpu(background="black")
    assert all(
        np.array_equal(a, b)
        for a, b in zip(rendered(warm, frames), rendered(fresh, frames), strict=True)
    )


@pytest.mark.parametrize("gpu", [True, False])
def test_settings_read_again_take_over_between_two_frames(
    gpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = live_network()
    engine: Any = network.engine
    engine.mattes = lambda x: torch.zeros(x[:, 0].shape)
    matter = NetworkMatter(network)
    compositor: RunCompositor = CpuCompositor(matter, CpuRenderer(Presentation("red")))
    if gpu:
        compositor = on_gpu(gpu_matter(network), "red")
    else:
        engine.run = lambda network_input: np.zeros(network_input.shape[1:3], np.float32)
    before = compositor.renderer
    frames = demo_frames(2)
    assert (rendered(compositor, frames[:1])[0][0, 0] == (255, 0, 0)).all()
    read_again(compositor, Appearance("blue"), load([], (), {}))
    assert (rendered(compositor, frames[1:])[0][0, 0] == (0, 71, 187)).all()
    assert type(compositor.renderer) is type(before)


def test_the_doctors_self_test_runs_where_the_run_would_and_says_so() -> None:
    from u2cam.cli.doctor.self_test import measured

    settings = load([], ("model.resident=on", "model.device=cpu", "model.input_size=64x36"), {})
    result = measured(
        parse(["--doctor", "--width", "160", "--height", "90", "-b", "black"]),
        settings.model_copy(
            update={"capture": settings.capture.model_copy(update={"width": 160, "height": 90})}
        ),
    )
    assert result["effects_device"] == "cpu"
    assert result["frames"]["out"] > result["frames"]["placeholder"]
