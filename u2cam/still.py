"""One picture: the person cut out of it, `u2cam.cut_out`."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from u2cam.compositors import one_by_one, rendered
from u2cam.core.checks import require_kind
from u2cam.core.frame import Frame, single_frame
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.renderer import CpuRenderer
from u2cam.matter import checked_image
from u2cam.settings import Settings, settled
from u2cam.stream.media.limits import check_size
from u2cam.stream.sources.images import read_still


def cut_out(
    image: str | os.PathLike[str] | NDArray[np.uint8],
    *,
    model: str | None = None,
    device: str | None = None,
    precision: str | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> NDArray[np.uint8]:
    """Cut the person out of one picture.

    The same picture as the command line writes with `-i me.jpg -o me.png --view cutout`. Colours at
    soft edges are the person's own, without what was behind. The network stays in memory until a
    call with other settings. For the frames of a video take `Matter`, or `process` with
    `view="cutout"`.

    Args:
        image: an image file, or (H, W, 3) uint8 RGB. What is transparent in a file stays so.
        model: a name of the command line's `--list-models`, or a .pth file; None: as in the
            settings, by default the best one on this computer.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; None: as in the settings.
        precision: `auto`, `fp32`, `fp16` or `bf16`; None: as in the settings.
        settings: checked settings, or values {section: {key: value}} as in `config.toml`.

    Returns:
        (H, W, 4) uint8 RGBA, straight (not premultiplied), newly allocated.

    Raises:
        UsageError: neither an image file nor such an array.
        SourceError, FileNotFoundError: a file that cannot be read.
        SettingsError, DeviceError, EngineError, WeightsError, DownloadError, ValueError: as for
            `Matter`.
    """
    asked = {"name": model, "device": device, "precision": precision}
    checked = settled(settings, {"model": asked})
    if isinstance(image, str | os.PathLike):
        still = read_still(Path(image), checked.limits)
        frame = single_frame(still.over((0, 0, 0)), coverage=still.coverage)
    else:
        require_kind("cut_out", image, np.ndarray, "an image file or an array (H, W, 3) uint8 RGB")
        frame = single_frame(checked_image(image, "cut_out"))
        check_size("cut_out", frame.size_wh, checked.limits)
    return _LAST.render(checked, frame)


class _LastNetwork:
    """The network of the last call: a loop over photos loads it once. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made_of: tuple[str, int] = ("", 0)
        self._compositor: CpuCompositor[CpuRenderer] | None = None

    def render(self, settings: Settings, frame: Frame) -> NDArray[np.uint8]:
        weights = Path(settings.model.name)
        # A file of weights may have been written again since.
        changed_ns = weights.stat().st_mtime_ns if weights.is_file() else 0
        made_of = (settings.model_dump_json(), changed_ns)
        with self._lock:
            if self._compositor is None or made_of != self._made_of:
                self._compositor = None  # before the next one needs memory
                self._compositor = one_by_one("cutout", settings, still=True)
                self._made_of = made_of
            self._compositor.reset()
            return rendered(self._compositor, frame)


_LAST = _LastNetwork()
