"""Frames that stay on a device, end to end: the very code that a GPU runs, on the CPU."""

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
from u2cam import build, resident
from u2cam.cli.arguments import parse
from u2cam.cli.main import main
from u2cam.core.frame import ComposedFrame, Frame, MatteError
from u2cam.effects.chain import EffectsChain
from u2cam.effects.gpu.chain import DeviceChain
from u2cam.effects.gpu.compositor import DevicePath
from u2cam.effects_slot import EffectsSlot
from u2cam.model.build import build_matter
from u2cam.model.engines.device import resolve_device
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
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


def device_matter(name: str = "u2net_live", **options: Any) -> DeviceMatter:
    if name == "u2net_live":
        settings = ModelSettings(
            name=name, device="cpu", resident="on", input_size="128x72", precision="fp32", **options
        )
        matter = build_matter(settings, resident=True)
        assert isinstance(matter, DeviceMatter)
        return matter
    torch.manual_seed(0)
    engine = TorchEngine(find_spec(name).build().eval(), resolve_device("cpu"), "fp32")
    return DeviceMatter(find_spec(name), engine, input_size_wh=(64, 64), **options)


def device_path(matter: DeviceMatter, background: str = "#00b140", view: str = "composite") -> Any:
    chain = DeviceChain(matter.torch_device, None, background, view)
    return DevicePath(matter, EffectsSlot(chain))


def composed(path: DevicePath, frames: list[Frame]) -> list[np.ndarray]:
    """What the pipeline would show of frames, gate included."""
    pictures = []
    for frame in frames:
        path.submit([frame])
        promised = path.matte_size(frame.size_wh)
        pictures += [ComposedFrame(frame, c, promised).composite.picture for c in path.collect()]
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


def test_the_whole_path_agrees_with_network_and_effects_one_after_the_other() -> None:
    frames = demo_frames(4)
    spec = find_spec("u2net_live")
    matter = device_matter()
    host = NetworkMatter(spec, matter._engine, input_size_wh=(128, 72))
    effects = EffectsChain(None, "#00b140")
    wanted = [effects.render(f.image, host.matte(f.image), f.time_s) for f in frames]
    got = composed(device_path(device_matter()), frames)
    difference = np.abs(np.stack(wanted).astype(np.int16) - np.stack(got))
    # Pictures differ by a level where they are made small, hence mattes in the third digit.
    assert difference.mean() < 0.1
    assert (difference > 6).mean() < 1e-3


@pytest.mark.parametrize("view", ["composite", "matte", "cutout", "side-by-side"])
def test_a_batch_gives_what_single_frames_give(view: str) -> None:
    frames = demo_frames(5)
    one, several = device_matter("u2netp", batch=1), device_matter("u2netp", batch=3)
    single = composed(device_path(one, view=view), frames)
    path = device_path(several, view=view)
    assert path.batch == 3
    path.submit(frames[:3])
    path.submit(frames[3:])  # while the first are on their way
    both = [c.picture for c in (*path.collect(), *path.collect())]
    difference = np.abs(np.stack(single).astype(np.int16) - np.stack(both))
    # Convolutions of several pictures sum in another order.
    assert difference.max() <= 2


def test_the_gate_judges_what_the_device_measured() -> None:
    matter = device_matter()
    path = device_path(matter)
    frames = demo_frames(4)
    real = matter._torch_engine.mattes
    for broken in (torch.nan, torch.inf, 1.5, -0.5):

        def mattes(x: torch.Tensor, value: float = broken) -> torch.Tensor:
            alpha = real(x).clone()
            alpha[0, 3, 5] = value
            return alpha

        matter._torch_engine.mattes = mattes  # type: ignore[method-assign]
        with pytest.raises(MatteError, match="matte of frame 0"):
            composed(path, frames[:1])
        path.abandon()
    matter._torch_engine.mattes = real  # type: ignore[method-assign]
    assert len(composed(path, frames)) == 4


def test_nothing_of_the_frame_is_in_the_picture_of_a_broken_matte() -> None:
    matter = device_matter()
    path = device_path(matter)
    matter._torch_engine.mattes = (  # type: ignore[method-assign]
        lambda x: torch.full(x[:, 0].shape, torch.nan)
    )
    path.submit(demo_frames(1))
    (composite,) = path.collect()
    assert (composite.picture == (0, 177, 64)).all()
    assert np.isnan(composite.matte_low) and np.isnan(composite.matte_high)


def test_a_composite_of_another_frame_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = device_path(device_matter())
    first, second = demo_frames(2)
    path.submit([first])
    stale = path._flying[0][0].download
    path.collect()
    path.submit([second])
    path._flying[0][0] = replace(path._flying[0][0], download=stale)
    with pytest.raises(RuntimeError, match="its picture is not shown"):
        path.collect()


def test_memory_that_runs_out_in_a_batch_loses_no_frame() -> None:
    frames = demo_frames(7)
    wanted = composed(device_path(device_matter("u2netp", batch=1)), frames)
    matter = device_matter("u2netp", batch=4)
    real = matter._torch_engine.mattes

    def hungry(x: torch.Tensor) -> torch.Tensor:
        if len(x) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(x)

    matter._torch_engine.mattes = hungry  # type: ignore[method-assign]
    path = device_path(matter)
    path.submit(frames[:4])
    path.submit(frames[4:])
    got = [c.picture for c in (*path.collect(), *path.collect())]
    assert path.batch == 2
    assert np.abs(np.stack(wanted).astype(np.int16) - np.stack(got)).max() <= 2


def test_a_file_becomes_a_file_with_its_times_and_sound(tmp_path: Path) -> None:
    source, out, stats = talk(tmp_path), tmp_path / "out.mp4", tmp_path / "stats.json"
    argv = ["-i", str(source), "-o", str(out), "-b", "#00b140", "--stats", str(stats)]
    assert main([*argv, "-m", "u2net_live", *ON]) == 0
    assert read_times(out) == read_times(source)
    assert read_beeps(out) == pytest.approx(read_beeps(source), abs=0.002)
    facts = json.loads(stats.read_text())
    assert facts["frames"] == {"in": 9, "out": 9, "holding": 0, "dropped": {}}
    assert facts["effects_device"] == facts["device"] == "cpu"
    assert {"capture", "submit", "collect", "composite"} <= facts["stages"].keys()
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
        return real(self, x) * (torch.nan if len(calls) > 12 else 1)

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


def plan(*, live: bool = False, rate: int = 30) -> Any:
    source = SimpleNamespace(info=SimpleNamespace(size_wh=SIZE, rate=Fraction(rate)))
    return build.InputPlan(source, live=live, still=False, camera=False)  # type: ignore[arg-type]


def compositor(matter: Any, effects: EffectsSlot, plan: Any) -> DevicePath | None:
    arguments = parse(["-b", "black"])
    return resident.build_compositor(plan, matter, effects, arguments, load([], (), {}))[1]


def test_a_device_that_cannot_hold_a_frame_leaves_the_effects_on_the_cpu_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: DevicePath, frames: list[Frame]) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")

    monkeypatch.setattr(DevicePath, "submit", full)
    chain = EffectsChain(None, "black")
    effects = EffectsSlot(chain)
    with caplog.at_level(logging.WARNING):
        assert compositor(device_matter(), effects, plan()) is None
    assert effects.chain is chain
    assert "out of memory" in caplog.text and "the effects run on the CPU" in caplog.text


def test_a_network_slower_than_the_camera_carries_mattes_instead(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(build, "network_time_s", lambda matter, size_wh: 0.2)
    effects = EffectsSlot(EffectsChain(None, "black"))
    with caplog.at_level(logging.WARNING):
        assert compositor(device_matter(), effects, plan(live=True)) is None
    assert "200 ms a frame" in caplog.text
    assert compositor(device_matter(), effects, plan(live=False)) is not None


def test_other_networks_than_those_for_a_device_are_left_alone() -> None:
    matter = NetworkMatter(find_spec("u2netp"), device_matter("u2netp")._engine)
    assert compositor(matter, EffectsSlot(EffectsChain(None, "black")), plan()) is None


@pytest.mark.parametrize("region", [True, False])
def test_region_tracking_is_there_whether_frames_stay_or_not(
    monkeypatch: pytest.MonkeyPatch, region: bool
) -> None:
    matter, effects = device_matter("u2netp", batch=1), EffectsSlot(EffectsChain(None, "black"))
    given = (effects, parse(["-b", "black"]), load([], (), {"matting": {"region": region}}))
    kept, path = resident.build_compositor(plan(), matter, *given)
    assert kept is matter and path is not None
    assert (path._region is not None) == region
    monkeypatch.setattr(build, "network_time_s", lambda matter, size_wh: 0.2)
    carried, _ = resident.build_compositor(plan(live=True), matter, *given)
    assert isinstance(carried, RegionMatter) == region


def test_trying_out_leaves_no_trace_and_does_not_start_the_background() -> None:
    effects = EffectsSlot(EffectsChain(None, "black"))
    path = compositor(device_matter(), effects, plan())
    assert path is not None and isinstance(effects.chain, DeviceChain)
    frames = demo_frames(3)
    fresh = device_path(device_matter(), "black")
    assert all(
        np.array_equal(a, b)
        for a, b in zip(composed(path, frames), composed(fresh, frames), strict=True)
    )


def test_a_reload_keeps_the_effects_where_they_are() -> None:
    arguments, settings = parse(["-b", "black"]), load([], (), {})
    device = DeviceChain(torch.device("cpu"), None, "black")
    assert isinstance(resident.effects_like(device, arguments, settings), DeviceChain)
    host = EffectsChain(None, "black")
    assert not isinstance(resident.effects_like(host, arguments, settings), DeviceChain)


def test_new_effects_take_over_between_two_frames() -> None:
    matter = device_matter()
    matter._torch_engine.mattes = (  # type: ignore[method-assign]
        lambda x: torch.zeros(x[:, 0].shape)
    )
    effects = EffectsSlot(DeviceChain(matter.torch_device, None, "red"))
    path = DevicePath(matter, effects)
    frames = demo_frames(2)
    assert (composed(path, frames[:1])[0][0, 0] == (255, 0, 0)).all()
    effects.replace(DeviceChain(matter.torch_device, None, "blue"))
    assert (composed(path, frames[1:])[0][0, 0] == (0, 71, 187)).all()


def test_the_doctors_self_test_runs_where_the_run_would_and_says_so() -> None:
    from u2cam.cli.doctor.self_test import measured

    settings = load([], ("model.resident=on", "model.device=cpu", "model.input_size=64x36"), {})
    result = measured(
        parse(["--doctor", "--width", "160", "--height", "90", "-b", "black"]),
        settings.model_copy(
            update={"capture": settings.capture.model_copy(update={"width": 160, "height": 90})}
        ),
    )
    assert result.network.endswith("effects on cpu")
    assert result.fps > 0
