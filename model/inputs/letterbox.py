"""Fit a picture of any size into a network's input, and cut the matte back out.

Plain geometry on arrays, run in the inference thread. Which network wants which fit is
`preprocess.py`.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Letterbox:
    """Where a picture lies inside the network's input; the rest is bars.

    The picture always fills its rectangle to whole pixels, so that the rectangle cut out of the
    network's output covers exactly the picture's field of view.
    """

    picture_wh: tuple[int, int]
    network_wh: tuple[int, int]
    left: int
    top: int
    content_wh: tuple[int, int]

    @classmethod
    def fit(
        cls, picture_wh: tuple[int, int], network_wh: tuple[int, int], *, keep_aspect: bool = True
    ) -> Self:
        """Place a picture in the middle of the input, as large as it fits.

        Args:
            picture_wh: width and height of the picture, at least 1 pixel each.
            network_wh: width and height of the input.
            keep_aspect: False squashes the picture to fill the input; there are no bars then.
        """
        width, height = picture_wh
        network_width, network_height = network_wh
        if not keep_aspect:
            return cls(picture_wh, network_wh, 0, 0, network_wh)
        scale = min(network_width / width, network_height / height)
        content_width = min(network_width, max(1, round(width * scale)))
        content_height = min(network_height, max(1, round(height * scale)))
        return cls(
            picture_wh,
            network_wh,
            (network_width - content_width) // 2,
            (network_height - content_height) // 2,
            (content_width, content_height),
        )

    def apply(
        self, image: NDArray[np.uint8], interpolation: int = cv2.INTER_LINEAR
    ) -> NDArray[np.uint8]:
        """Resize a picture (H, W, C) into the input (h, w, C); bars are black."""
        resized: NDArray[np.uint8] = np.asarray(
            cv2.resize(image, self.content_wh, interpolation=interpolation), dtype=np.uint8
        )
        if self.content_wh == self.network_wh:
            return resized
        network_width, network_height = self.network_wh
        boxed = np.zeros((network_height, network_width, *image.shape[2:]), np.uint8)
        boxed[self._rows(), self._columns()] = resized
        return boxed

    def remove(self, matte: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cut the picture's part (h, w) out of the network's output; a view, not a copy."""
        return matte[self._rows(), self._columns()]

    def _rows(self) -> slice:
        return slice(self.top, self.top + self.content_wh[1])

    def _columns(self) -> slice:
        return slice(self.left, self.left + self.content_wh[0])
