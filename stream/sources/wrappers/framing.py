"""How frames are turned, cut and enlarged before anything looks at them. A pure function.

A frame is turned first, then mirrored, so that the box of `crop` is given as people see the
picture; `zoom` is of what the box holds.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.stream.geometry import Box
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.rotation import Orientation


@dataclass(frozen=True, slots=True)
class Framing:
    """What is done to every frame of a run."""

    orientation: Orientation = field(default_factory=Orientation)
    crop: Box | None = None
    zoom: float = 1.0
    """The middle part of the box, enlarged by this to the size of the box."""

    @classmethod
    def of(cls, settings: CaptureSettings) -> "Framing | None":
        """Return what the settings ask for; None where frames stay as they are."""
        turned = Orientation.of_turn(0 if settings.rotate == "auto" else settings.rotate)
        orientation = Orientation(
            turned.transpose,
            mirror_x=turned.mirror_x != settings.mirror,
            mirror_y=turned.mirror_y != settings.flip,
        )
        crop = None if settings.crop is None else Box.parse(settings.crop)
        framing = cls(orientation, crop, settings.zoom)
        return None if framing == cls() else framing

    def size_wh(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of what becomes of frames of a size.

        Raises:
            ValueError: the box does not fit in them.
        """
        return self._box(size_wh)[2:]

    def apply(self, image: ImageU8) -> ImageU8:
        """Return the image (H, W, 3) turned, cut and enlarged: C-contiguous.

        Raises:
            ValueError: the box does not fit in it.
        """
        stored_wh = (image.shape[1], image.shape[0])
        left, top, *box_wh = self._box(stored_wh)
        width, height = (max(1, round(side / self.zoom)) for side in box_wh)
        left, top = left + (box_wh[0] - width) // 2, top + (box_wh[1] - height) // 2
        shown_wh = self.orientation.size_wh(stored_wh)
        # Cut before it is turned: less to turn.
        x, y, w, h = self.orientation.stored_box((left, top, width, height), shown_wh)
        image = self.orientation.apply(image[y : y + h, x : x + w])
        if [width, height] != box_wh:
            image = np.asarray(cv2.resize(image, box_wh, interpolation=cv2.INTER_CUBIC), np.uint8)
        return np.ascontiguousarray(image)

    def turned_over(self) -> "Framing":
        """Return the same with frames turned by 180 degrees first."""
        held = self.orientation
        over = replace(held, mirror_x=not held.mirror_x, mirror_y=not held.mirror_y)
        return replace(self, orientation=over)

    def _box(self, stored_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return the box in pixels of the turned frame."""
        shown_wh = self.orientation.size_wh(stored_wh)
        return (0, 0, *shown_wh) if self.crop is None else self.crop.within(shown_wh)
