"""One picture: the person cut out of it, `u2cam.cut_out`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from u2cam.compositors import one_by_one, rendered
from u2cam.core.frame import single_frame
from u2cam.matter import checked_image
from u2cam.settings import Settings, settled
from u2cam.stream.media.limits import check_size
from u2cam.stream.sources.images import read_image


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
    soft edges are the person's own, without what was behind. For many pictures, give a folder to
    the command line; for the frames of a video take `Matter`.

    Args:
        image: an image file, or (H, W, 3) uint8 RGB.
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
        picture = read_image(Path(image), checked.limits)
    else:
        picture = checked_image(image, "cut_out")
        check_size("cut_out", (picture.shape[1], picture.shape[0]), checked.limits)
    compositor = one_by_one("cutout", checked, still=True)
    return rendered(compositor, single_frame(picture))
