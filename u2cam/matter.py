"""A frame in, its alpha out: `u2cam.Matter`, the network with the steps that refine its matte."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from u2cam.compositors import one_by_one, rendered
from u2cam.core.checks import require_image, require_kind, require_seconds
from u2cam.core.errors import UsageError
from u2cam.core.frame import single_frame
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.renderer import CpuRenderer
from u2cam.settings import Settings, settled

FRAME_S = 1 / 30
"""Seconds from frame to frame where a caller gives no times."""


class Matter:
    """Gives the frames of one video or camera their alpha, one after another.

    It keeps state from frame to frame: the previous matte, the part of the frame with the person,
    and smoothing. Tell it with `reset` where another scene begins. Not for two threads at once.

        with u2cam.Matter("u2net_live") as matter:
            for frame_rgb in frames:
                alpha = matter(frame_rgb)

    The process is left alone: PyTorch runs on as many threads as you gave it with
    `torch.set_num_threads`, and warnings go to the logger `u2cam`.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        device: str | None = None,
        precision: str | None = None,
        raw: bool = False,
        settings: Settings | Mapping[str, Any] | None = None,
    ) -> None:
        """Load the network and get it ready.

        Args:
            model: a name of the command line's `--list-models`, or a .pth file; None: as in the
                settings, by default the best one on this computer.
            device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; None: as in the settings.
            precision: `auto`, `fp32`, `fp16` or `bf16`; None: as in the settings.
            raw: the network's own matte, only resized: no refinement at edges, no smoothing.
            settings: checked settings, or values {section: {key: value}} as in `config.toml`.

        Raises:
            SettingsError: a setting that is not there or out of range.
            DeviceError, EngineError: what this computer cannot do.
            WeightsError, FileNotFoundError, DownloadError: no weights.
            ValueError: a model that is not known.
        """
        require_kind("raw", raw, bool, "True or False")
        asked = {"name": model, "device": device, "precision": precision}
        checked = settled(settings, {"model": asked})
        compositor = one_by_one("matte", checked, still=False, raw_matte=raw)
        self._compositor: CpuCompositor[CpuRenderer] | None = compositor
        self._time_s = -FRAME_S
        self._shape: tuple[int, ...] = ()
        self.model_name = compositor.network.model_name
        """Name of the network, or of the weights file."""
        self.device_name = compositor.network.device_name
        """The device that really does the work."""
        self.precision = compositor.network.precision
        """`fp32`, `fp16` or `bf16`; `n/a` without a network."""

    def __call__(
        self, frame: NDArray[np.uint8], time_s: float | None = None
    ) -> NDArray[np.float32]:
        """Return the alpha of the next frame.

        Args:
            frame: (H, W, 3) uint8, RGB. Not written into. Another size begins a new scene.
            time_s: presentation time in seconds, which smoothing follows; None: a thirtieth of a
                second after the frame before.

        Returns:
            (H, W) float32 in [0, 1], newly allocated; 1 is the person.

        Raises:
            UsageError: not a frame, or the matter is closed.
        """
        if self._compositor is None:
            raise UsageError("Matter: it is closed; make a new one")
        image = checked_image(frame, "Matter")
        if time_s is not None:
            require_seconds("Matter: time_s", time_s, least=-math.inf)
        if image.shape != self._shape:
            self._shape = image.shape
            self.reset()
        self._time_s = self._time_s + FRAME_S if time_s is None else time_s
        alpha_u8 = rendered(self._compositor, single_frame(image, self._time_s))
        return np.multiply(alpha_u8, np.float32(1 / 255), dtype=np.float32)

    def reset(self) -> None:
        """Forget earlier frames: the next one begins a new scene, or another video."""
        if self._compositor is not None:
            self._compositor.reset()

    def close(self) -> None:
        """Let go of the network and its memory; any number of times."""
        self._compositor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def checked_image(image: object, who: str) -> NDArray[np.uint8]:
    """Return an image of a caller's, C-contiguous.

    Raises:
        UsageError: it is not (H, W, 3) uint8.
    """
    require_image(who, image)
    assert isinstance(image, np.ndarray)
    return np.ascontiguousarray(image)
