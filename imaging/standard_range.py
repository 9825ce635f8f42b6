"""Pictures of a run that keeps high dynamic range, for outputs that show BT.709."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import is_hdr, to_bt709


class StandardRange:
    """Converts the pictures of one run; those that are BT.709 already pass untouched.

    Args:
        tags: of the run's pictures; None where they come from no file.
    """

    def __init__(self, tags: ColorTags | None = None) -> None:
        self._tags = tags if tags is not None and is_hdr(tags) else None

    def __call__(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        """Return (H, W, 3) or (H, W, 4) uint8 in BT.709; a matte (H, W) stays as it is."""
        if self._tags is None or image.ndim == 2:
            return image
        colors = to_bt709(image[..., :3].astype(np.uint16) * 257, self._tags)
        return colors if image.shape[2] == 3 else np.dstack([colors, image[..., 3]])
