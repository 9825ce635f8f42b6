"""One picture: the person cut out of it, `u2cam.cut_out`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import UsageError
from u2cam.core.protocols import Matter as Network
from u2cam.effects.chain import EffectsChain
from u2cam.effects.settings import EffectsSettings
from u2cam.model.build import build_matter
from u2cam.model.matter import NetworkMatter
from u2cam.model.roi.matter import RegionMatter
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
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
            raise UsageError(
                f"cut_out: wanted (H, W, 3) uint8 RGB, got {image.shape} {image.dtype}"
            )
        check_size("cut_out", (image.shape[1], image.shape[0]), checked.limits)
        picture = np.ascontiguousarray(image)
    else:
        picture = read_image(Path(image), checked.limits)
    size_wh = (picture.shape[1], picture.shape[0])
    network = build_matter(checked.model, still=True, allow_fallback=True, frame_wh=size_wh)
    matter: Network = network
    if isinstance(network, NetworkMatter) and checked.matting.region and network.has_one_shape:
        matter = RegionMatter(network, still=True)
    steps = EffectsChain(
        EffectsSettings(matte=checked.matte, color=checked.color), "none", "cutout"
    )
    return steps.render(picture, matter.matte(picture), 0.0)
