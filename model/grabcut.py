"""A matter without a network, where no weights are found: GrabCut.

Rother et al., "GrabCut: Interactive Foreground Extraction using Iterated Graph Cuts", SIGGRAPH
2004, with a head-and-shoulders shape in place of the user's rectangle. It assumes one person in
the middle of the picture and never finds an empty room empty: not for a camera, and labelled as a
fallback wherever its name is shown. Runs in the inference thread.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import Frame
from u2cam.core.scene import SceneGate

LONG_SIDE_PX = 224
"""Pictures are cut at this size: the cut takes time with the square of it."""

FIRST_ITERATIONS = 4
NEXT_ITERATIONS = 1
"""A frame that starts from the one before needs less."""

SEED = 7
"""GrabCut starts its colour models at random; the same input must give the same output."""


def person_shape(size_wh: tuple[int, int], grow: float = 1.0) -> NDArray[np.uint8]:
    """Draw a head on shoulders in the middle of a picture, as webcams see people.

    Args:
        size_wh: width and height in pixels.
        grow: size of the shape; 1 is a likely person, more leaves room for one beside the middle.

    Returns:
        (height, width) uint8, 1 inside the shape.
    """
    width, height = size_wh
    shape = np.zeros((height, width), np.uint8)
    unit = min(width, height * 1.2)
    middle = width // 2
    head_wh = (round(0.15 * unit * grow), round(0.21 * unit * grow))
    cv2.ellipse(shape, (middle, round(0.34 * height)), head_wh, 0, 0, 360, 1, -1)
    shoulders_wh = (round(0.42 * unit * grow), round(0.40 * height * grow))
    cv2.ellipse(shape, (middle, round(1.0 * height)), shoulders_wh, 0, 180, 360, 1, -1)
    return shape


class NoNetwork:
    """What stands in the place of a network."""

    model_name = "fallback-grabcut (no network weights)"
    device_name = "cpu"
    precision = "n/a"
    input_sizes_wh: tuple[tuple[int, int], ...] = ()

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """There is no choice, so nothing to do."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of pictures of a size."""
        width, height = size_wh
        scale = min(1.0, LONG_SIDE_PX / max(height, width))
        return max(1, round(width * scale)), max(1, round(height * scale))


class GrabCutMatter:
    """Fulfils the pipeline's `Matter` protocol without weights."""

    network = NoNetwork()

    def __init__(self, *, still: bool = False) -> None:
        """Build; with `still` every picture is a first one."""
        self._still = still
        self._scene = SceneGate()
        self._previous: NDArray[np.uint8] | None = None

    def reset(self) -> None:
        """Start the next frame from the shape again; from any thread."""
        self._scene.reset()

    def matte(self, frame: Frame) -> NDArray[np.float32]:
        """Return the matte (h, w) of a frame, over the same field of view."""
        if self._scene.is_new(frame.scene):
            self._previous = None
        size_wh = self.network.matte_size(frame.size_wh)
        # GrabCut wants 8-bit colour in any fixed order.
        small = np.asarray(cv2.resize(frame.image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
        previous = self._previous
        if self._still or (previous is not None and previous.shape != small.shape[:2]):
            previous = None
        person = self._cut(small, previous)
        self._previous = person
        alpha = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 1.2)
        # The filter's weights sum to a rounding error more than 1.
        return np.asarray(np.clip(alpha, 0, 1), np.float32)

    def _cut(
        self, small: NDArray[np.uint8], previous: NDArray[np.uint8] | None
    ) -> NDArray[np.uint8]:
        """Return 1 for the person, 0 for the rest, as (h, w) uint8."""
        seeds = _first_seeds(small) if previous is None else _next_seeds(previous)
        known = (seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)
        if known.all() or not known.any():
            return np.asarray(known, np.uint8)  # Too small a picture to cut.
        cv2.setRNGSeed(SEED)
        background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
        iterations = FIRST_ITERATIONS if previous is None else NEXT_ITERATIONS
        cv2.grabCut(
            small, seeds, (0, 0, 1, 1), background, foreground, iterations, cv2.GC_INIT_WITH_MASK
        )
        person = ((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)).astype(np.uint8)
        return _largest_piece(_smooth(person))


def _first_seeds(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sure and likely foreground and background from the shape alone."""
    size_wh = (small.shape[1], small.shape[0])
    seeds = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    seeds[person_shape(size_wh, 2.3) > 0] = cv2.GC_PR_BGD
    seeds[person_shape(size_wh, 1.0) > 0] = cv2.GC_PR_FGD
    seeds[person_shape(size_wh, 0.55) > 0] = cv2.GC_FGD
    return seeds


def _next_seeds(previous: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Seeds around the cut of the frame before: only a band at its edge is open."""
    reach = max(3, round(0.05 * max(previous.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    seeds = np.full(previous.shape, cv2.GC_BGD, np.uint8)
    seeds[cv2.dilate(previous, kernel) > 0] = cv2.GC_PR_BGD
    seeds[previous > 0] = cv2.GC_PR_FGD
    # Outside the picture the person goes on: the bottom edge must not be eaten.
    inside = cv2.erode(previous, kernel, borderType=cv2.BORDER_REPLICATE)
    seeds[inside > 0] = cv2.GC_FGD
    return seeds


def _smooth(person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.morphologyEx(person, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel), np.uint8)


def _largest_piece(person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep the largest connected piece and fill its holes: chairs and shelves fall away."""
    if not person.any():
        return person
    _, labels, stats, _ = cv2.connectedComponentsWithStats(person)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    piece = (labels == largest).astype(np.uint8)
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(piece, outlines, -1, 1, -1), np.uint8)
