"""The device's part never waits for the device and never fetches from the host in its middle.

That is what a CUDA graph needs, and it can be seen without a GPU: on the device `meta` there are
shapes and no values, so whatever asks for a value fails, and every operation is looked at.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from u2cam.core.frame import single_frame
from u2cam.effects.gpu import axis
from u2cam.effects.gpu import scene_backgrounds as scene
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.settings import BackgroundSettings, ColorSettings, EffectsSettings, MatteSettings

META = torch.device("meta")
SIZE = (128, 72)
STEPS = Path(axis.__file__).parent


class OneDevice(TorchDispatchMode):
    """Refuses operations that leave the device."""

    def __torch_dispatch__(  # type: ignore[no-untyped-def]
        self, func, types, args=(), kwargs=None
    ):
        name = func.overloadpacket.__name__
        result = func(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs, result)) if isinstance(t, Tensor)]
        assert all(t.device == META for t in tensors), f"{name} touches the host"
        assert name not in {"lift_fresh", "_local_scalar_dense", "nonzero", "masked_select"}, name
        return result


@pytest.fixture(autouse=True)
def no_meta_matrices_left() -> Iterator[None]:
    yield
    axis.forget()
    scene._lens.cache_clear()


def launched(settings: EffectsSettings, background: str, view: str) -> tuple[int, ...]:
    """Compose two frames on `meta`, the second watched; return the picture's shape."""
    launches: list[Callable[[Tensor, Tensor], Tensor]] = []

    def capture(launch: Any, state: Any) -> Any:
        launches.append(launch)
        return launch

    presentation = Presentation(background, view, settings=settings)
    renderer = GpuRenderer(META, presentation, settings, capture=capture)
    layout = renderer.packet(SIZE)
    room = np.zeros(layout.bytes, np.uint8)
    packet = torch.empty(layout.bytes, dtype=torch.uint8, device=META)
    alpha = torch.empty((36, 64), device=META)
    written = renderer.write(single_frame(np.zeros((SIZE[1], SIZE[0], 3), np.uint8)), room)
    renderer.compose(packet, written, alpha)
    with OneDevice():
        picture = launches[0](packet[: layout.frame_bytes], alpha)
    assert picture.dtype == torch.uint8
    assert picture.numel() == np.prod(written.shape)
    return written.shape


EVERYTHING = EffectsSettings(
    matte=MatteSettings(shift_px=20, feather_px=30),
    color=ColorSettings(match=1, light_wrap=1, linear_light=True),
)


@pytest.mark.parametrize("background", ["bokeh", "blur", "pixelate", "desaturate", "none"])
def test_every_background_is_made_without_the_host(background: str) -> None:
    assert launched(EVERYTHING, background, "composite") == (72, 128, 3)


@pytest.mark.parametrize("view", ["matte", "foreground", "cutout", "side-by-side"])
def test_every_view_is_made_without_the_host(view: str) -> None:
    launched(EVERYTHING, "studio", view)


def test_the_rarer_steps_are_made_without_the_host() -> None:
    matte = MatteSettings(refine="off", smoothing="off")
    settings = EffectsSettings(matte=matte, background=BackgroundSettings(blur_shape="disc"))
    launched(settings, "blur", "composite")


def test_no_step_writes_a_number_into_a_place() -> None:
    """`x[0] = 0` copies the number from the host where x is on CUDA; `x[0].fill_(0)` does not."""
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in STEPS.glob("*.py")
        if path.name not in {"axis.py", "packet.py"}  # these write NumPy arrays, on the host
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if any(isinstance(target, ast.Subscript) for target in node.targets)
    ]
    assert not wrong
