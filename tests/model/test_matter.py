import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from u2cam.core.frame import Frame, single_frame
from u2cam.imaging.pyramid import halves
from u2cam.model import build as build_module
from u2cam.model.build import build_matter, choose_model
from u2cam.model.engines.device import resolve_device
from u2cam.model.engines.torch import Engine, NetworkInput, TorchEngine
from u2cam.model.grabcut import GrabCutMatter
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net import u2netp
from u2cam.model.registry import MODELS, find_spec, model_names
from u2cam.model.roi.region import FULL_FRAME, Region
from u2cam.model.settings import ModelSettings

SIZES_WH = [(1, 1), (2, 3), (37, 61), (640, 360), (360, 640), (3000, 16)]


class ScriptedEngine:
    """Answers with the mattes it is given and keeps what it was asked."""

    device_label = "cpu"
    precision = "fp32"

    def __init__(self, *answers: float) -> None:
        self.answers = list(answers) or [0.5]
        self.asked: list[NetworkInput] = []

    def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
        self.asked.append(network_input.copy())
        value = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return np.full(network_input.shape[1:3], value, np.float32)


def matter_of(name: str, engine: Engine, *, still: bool = False, **options: Any) -> NetworkMatter:
    return NetworkMatter(LoadedNetwork(find_spec(name), engine, **options), still=still)


def live(engine: ScriptedEngine, *, still: bool = False) -> NetworkMatter:
    return matter_of("u2net_live", engine, still=still)


def picture(width: int = 64, height: int = 36, scene: int = 0) -> Frame:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return single_frame(pixels, scene=scene)


def untrained_live_matter() -> NetworkMatter:
    torch.manual_seed(0)
    network = find_spec("u2net_live").build().eval()
    return matter_of("u2net_live", TorchEngine(network, resolve_device("cpu"), "fp32"))


@pytest.fixture(scope="module")
def matters() -> dict[str, NetworkMatter | GrabCutMatter]:
    torch.manual_seed(0)
    small = TorchEngine(u2netp().eval(), resolve_device("cpu"), "fp32")
    official = matter_of("u2netp", small, input_size_wh=(64, 64))
    return {
        "u2netp": official,
        "u2net_live": untrained_live_matter(),
        "grabcut": GrabCutMatter(),
    }


@pytest.mark.parametrize("name", ["u2netp", "u2net_live", "grabcut"])
@pytest.mark.parametrize("size_wh", SIZES_WH)
def test_any_frame_gets_a_finite_matte_in_range(
    matters: dict[str, NetworkMatter | GrabCutMatter], name: str, size_wh: tuple[int, int]
) -> None:
    matter = matters[name]
    matter.reset()
    alpha = matter.matte(picture(*size_wh))
    assert alpha.ndim == 2 and alpha.dtype == np.float32 and min(alpha.shape) >= 1
    assert np.isfinite(alpha).all() and alpha.min() >= 0 and alpha.max() <= 1


@pytest.mark.parametrize("name", ["u2netp", "u2net_live", "grabcut"])
def test_after_a_reset_the_same_frame_gives_the_same_matte(
    matters: dict[str, NetworkMatter | GrabCutMatter], name: str
) -> None:
    matter = matters[name]
    matter.reset()
    first = matter.matte(picture(160, 90)).copy()
    matter.matte(single_frame(np.zeros((90, 160, 3), np.uint8)))
    matter.reset()
    np.testing.assert_allclose(matter.matte(picture(160, 90)), first, atol=1e-5)


def test_the_matte_of_a_letterboxed_frame_has_its_aspect() -> None:
    assert live(ScriptedEngine()).matte(picture(64, 48)).shape == (336, 448)
    assert live(ScriptedEngine()).matte(picture(36, 64)).shape == (512, 288)


def test_the_previous_matte_is_fed_back_from_the_first_frame_on() -> None:
    engine = ScriptedEngine(0.8125, 1.0, 0.9, 0.25)
    matter = live(engine)
    for _ in range(3):
        matter.matte(picture())
    # The first frame is run without the previous matte and twice more; what is fed back is the
    # confident part only, and half of what the first pass showed.
    assert [int(asked[..., 3].max()) for asked in engine.asked] == [0, 159, 255, 204, 79]


def test_a_reset_a_new_scene_and_a_new_frame_size_forget_the_previous_matte() -> None:
    engine = ScriptedEngine(1.0)
    matter = live(engine)
    matter.matte(picture())
    matter.reset()
    matter.matte(picture())
    matter.matte(picture(36, 64))
    matter.matte(picture(36, 64, scene=1))
    assert [int(asked[..., 3].max()) for asked in engine.asked] == [0, 255, 255] * 4
    matter.matte(picture(36, 64, scene=1))
    assert len(engine.asked) == 4 * 3 + 1


def test_a_region_of_a_frame_is_seen_in_the_shape_of_the_frame() -> None:
    engine = ScriptedEngine()
    matter = live(engine)
    matter.matte(picture())
    assert matter.run([picture()], Region(0.1, 0.2, 0.5, 0.7)).shape == (1, 288, 512)
    assert {asked.shape for asked in engine.asked} == {(1, 288, 512, 4)}
    assert int(engine.asked[-1][..., 3].max()) == 0  # Of a matte of 0.5 nothing is fed back.


def test_the_small_copies_of_a_frame_are_used_where_there_are_any() -> None:
    plain, small = ScriptedEngine(), ScriptedEngine()
    frame = picture(1280, 720)
    live(plain).matte(frame)
    live(small).matte(replace(frame, image=frame.image * 0, levels=halves(frame.image)))
    np.testing.assert_array_equal(small.asked[0], plain.asked[0])


def filled(seen: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Where the rows and columns lie that have anything."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


@pytest.mark.parametrize("frame_wh", [(64, 36), (90, 30), (20, 60)])
def test_what_is_fed_back_moves_along_with_the_region(
    frame_wh: tuple[int, int],
) -> None:
    class LeftUpperQuarter(ScriptedEngine):
        def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
            matte = super().run(network_input)
            content = matte[filled(network_input[0, ..., 0] > 0)]
            content[: content.shape[0] // 2, : content.shape[1] // 2] = 1
            return matte

    engine = LeftUpperQuarter(0.0)
    matter = live(engine)
    white = single_frame(np.full((frame_wh[1], frame_wh[0], 3), 255, np.uint8))
    region = Region(0.25, 0.1, 1.0, 0.85)
    matter.matte(white)
    matter.move_view(FULL_FRAME, region)
    matter.run([white], region)
    asked = engine.asked[-1][0]
    fed_back = asked[filled(asked[..., 0] > 0)][..., 3] > 127
    # The quarter's lower right corner lay in the middle of the frame.
    assert fed_back.any(axis=0).mean() == pytest.approx(0.25 / 0.75, abs=0.01)
    assert fed_back.any(axis=1).mean() == pytest.approx(0.4 / 0.75, abs=0.01)
    assert fed_back[: fed_back.shape[0] // 2, : fed_back.shape[1] // 4].all()


def test_a_broken_matte_is_handed_over_but_never_fed_back() -> None:
    engine = ScriptedEngine(float("nan"), 0.5)
    matter = live(engine)
    matter.matte(picture())
    assert int(engine.asked[1][..., 3].max()) == 0


def test_every_still_is_a_first_frame() -> None:
    engine = ScriptedEngine(1.0)
    matter = live(engine, still=True)
    matter.matte(picture())
    matter.matte(picture())
    assert [int(asked[..., 3].max()) for asked in engine.asked] == [0, 255, 255] * 2


def test_a_nearly_empty_matte_is_kept_in_video_and_stretched_in_a_still() -> None:
    class Faint(ScriptedEngine):
        def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
            matte = super().run(network_input)
            matte[0] = 0.02
            return matte

    video = matter_of("u2netp", Faint(0.01))
    still = matter_of("u2netp", Faint(0.01), still=True)
    assert video.matte(picture()).max() == np.float32(0.02)
    assert still.matte(picture()).max() == 1


def test_an_empty_room_gives_an_empty_matte(shared_dir: Path) -> None:
    settings = ModelSettings(name=str(shared_dir / "weights" / "u2netp.pth"), engine="torch")
    matter = build_matter(settings)
    wall = np.linspace(90, 160, 640, dtype=np.float32)[None, :, None]
    room = np.repeat(np.repeat(wall, 360, axis=0), 3, axis=2)
    room += np.random.default_rng(0).normal(0, 2, room.shape)
    for level in (0.2, 1.2):
        image = np.clip(room * level, 0, 255).astype(np.uint8)
        assert matter.matte(single_frame(image)).mean() < 0.02
    assert matter.matte(single_frame(np.zeros((360, 640, 3), np.uint8))).mean() < 0.02


def test_folding_keeps_the_output() -> None:
    torch.manual_seed(0)
    for name in ("u2netp", "u2net_live"):
        spec = find_spec(name)
        network = spec.build()
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)  # type: ignore[arg-type]
                torch.nn.init.uniform_(module.running_var, 0.5, 2)  # type: ignore[arg-type]
                torch.nn.init.uniform_(module.weight, 0.5, 1.5)
                torch.nn.init.uniform_(module.bias, -0.5, 0.5)
        picture_in = torch.rand(1, 3 if name == "u2netp" else 4, 64, 64)
        with torch.inference_mode():
            before = network.eval()(picture_in)
            after = fold_batch_norm(network)(picture_in)
        torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-3)
        assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())


def test_bf16_stays_close_to_fp32(shared_dir: Path) -> None:
    name = str(shared_dir / "weights" / "u2netp.pth")
    image_bgr = cv2.imread(str(shared_dir / "conformance" / "images" / "girl.png"))
    if image_bgr is None:
        pytest.skip("girl.png is not in ../shared/conformance")
    image = np.ascontiguousarray(image_bgr[..., ::-1], np.uint8)
    mattes = [
        build_matter(ModelSettings(name=name, precision=precision, device="cpu", engine="torch"))
        for precision in ("fp32", "bf16")
    ]
    fine, coarse = (matter.matte(single_frame(image)) for matter in mattes)
    assert mattes[1].network.precision == "bf16"
    assert np.abs(fine - coarse).mean() < 0.01


def test_an_input_size_that_the_network_cannot_take_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        matter_of("u2net_live", ScriptedEngine(), input_size_wh=(510, 288))


def test_a_network_that_draws_no_mattes_is_refused() -> None:
    with pytest.raises(ValueError, match="not for matting"):
        choose_model("u2net_portrait", allow_fallback=True)
    with pytest.raises(ValueError, match="gives no mattes"):
        matter_of("u2net_portrait", ScriptedEngine())


def test_an_unknown_name_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="u2net_human_seg") as caught:
        choose_model("u3net", allow_fallback=True)
    assert "\n" not in str(caught.value)


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "find_weights", lambda spec: None)


def test_auto_falls_back_only_where_allowed_and_says_so_in_one_line(
    nothing_found: None, caplog: pytest.LogCaptureFixture
) -> None:
    matter = build_matter(ModelSettings(device="cpu"), allow_fallback=True)
    assert "fallback" in matter.network.model_name and "no network" in matter.network.model_name
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(lines) == 1 and "fallback" in lines[0] and "\n" not in lines[0]


def test_auto_for_a_camera_downloads_u2netp_instead_of_falling_back(
    nothing_found: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def no_network(spec: object) -> Path:
        asked.append(spec)
        raise OSError("no network")

    monkeypatch.setattr(build_module, "fetch_weights", no_network)
    with pytest.raises(OSError, match="no network"):
        build_matter(ModelSettings(device="cpu"), allow_fallback=False)
    assert asked == [find_spec("u2netp")]


def test_auto_takes_the_live_network_before_u2netp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "find_weights", lambda spec: Path(spec.file))
    assert choose_model("auto", allow_fallback=False).spec == find_spec("u2net_live")


def test_names_of_models_are_unique() -> None:
    assert len(set(model_names())) == len(MODELS)


def test_registered_sizes_are_true() -> None:
    for spec in MODELS:
        with torch.device("meta"):
            count = sum(parameter.numel() for parameter in spec.build().parameters())
        assert count == spec.parameters
