"""What kind of scene a sequence shows: by the renderer's tags, or by rule from the truth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image

KINDS = (
    "close",
    "half",
    "whole body",
    "two people",
    "hands",
    "held things",
    "hats",
    "sitting",
    "border",
    "dark on dark",
)
BY_TAG = {
    "close": "close",
    "medium": "half",
    "half": "half",
    "wide": "whole body",
    "full": "whole body",
    "two people": "two people",
    "three people": "two people",
    "hands": "hands",
    "held things": "held things",
    "hat": "hats",
    "sitting": "sitting",
}
CLOSE_COVERAGE = 0.3
"""From this part of the frame on, a person without tags is close."""
LEAST_SECOND_PERSON = 0.2
"""Of the largest part of a matte: a part from here on is another person."""
BORDER_SHARE = 0.08
"""Part of a side of the frame that a person covers who is cut by it."""
DARK_LUMA = 55
DARK_SHARE = 0.25
"""Part of the contour where person and scene are both darker than `DARK_LUMA`, of 255."""
RING_PX = 8


def kinds_of(frame: Image, alpha: Image, tags: frozenset[str]) -> frozenset[str]:
    """Return the kinds of a sequence by its first frame (H, W, 3), its matte (H, W) and tags."""
    person = alpha > 127
    found = {BY_TAG[tag] for tag in tags if tag in BY_TAG}
    if not found & {"close", "half", "whole body"} and person.any():
        found.add(_framing(person))
    if not tags and _parts(person) > 1:
        found.add("two people")
    if max(person[:, side].mean() for side in (0, -1)) > BORDER_SHARE:
        found.add("border")
    if _dark_share(frame, person) > DARK_SHARE:
        found.add("dark on dark")
    return frozenset(found)


def _framing(person: NDArray[np.bool_]) -> str:
    if not person[-2:].any():
        return "whole body"
    return "close" if person.mean() >= CLOSE_COVERAGE else "half"


def _parts(person: NDArray[np.bool_]) -> int:
    """Count the parts of a matte that are as large as a person."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(person.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int((areas >= LEAST_SECOND_PERSON * areas.max()).sum()) if areas.size else 0


def _dark_share(frame: Image, person: NDArray[np.bool_]) -> float:
    """Return the part of the contour with dark person inside and dark scene outside."""
    luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mask = person.astype(np.float32)
    window = (2 * RING_PX + 1,) * 2
    inside = np.asarray(cv2.blur(mask, window))
    sums = (cv2.blur(luma * mask, window), cv2.blur(luma * (1 - mask), window))
    contour = cv2.morphologyEx(person.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    contour &= (inside > 0.1) & (inside < 0.9)
    if not contour.any():
        return 0.0
    front = sums[0][contour] / inside[contour]
    behind = sums[1][contour] / (1 - inside[contour])
    return float(((front < DARK_LUMA) & (behind < DARK_LUMA)).mean())
