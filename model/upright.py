"""Whether a camera hangs upside down: seen in the mattes of a few frames, as they are and turned.

The network knows people upright. Of the same frames turned by half, one way gives the surer matte,
and in it the person stands at the lower edge and not at the upper one. Both must say so before a
picture is turned: an empty room, or a person in the middle of the frame, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter

JUDGE = "u2net_live"
"""The only network for which this was measured."""
FRAMES = 8
"""That are looked at."""
_PERIOD_S = 1 / 30
_LEAST_SHARE = 0.01
"""Of the frame: less is no person."""
_LEAST_FOOT = 0.05
"""In the rows at the edge. Measured on eleven clips of people who talk or walk: 0.13 or more."""
_EDGE = 0.02
"""Of the height."""


@dataclass(frozen=True, slots=True)
class Impression:
    """What mattes of one way up are like, on average."""

    share: float
    """Of the frame that is person."""
    confidence: float
    """Of the matte: sum(a²) / sum(a)."""
    foot: float
    """Matte in the lowest rows less that in the highest."""


def impression(matter: Matter, images: Sequence[ImageU8]) -> Impression:
    """Return what the mattes of frames (H, W, 3) that follow one another are like.

    Raises:
        ValueError: the network cannot work on them.
    """
    matter.reset()
    found = []
    for number, image in enumerate(images):
        alpha = matter.matte(single_frame(image, number * _PERIOD_S)).astype(np.float64)
        rows = max(1, round(alpha.shape[0] * _EDGE))
        total = alpha.sum()
        confidence = float((alpha * alpha).sum() / total) if total > 0 else 0.0
        found.append((alpha.mean(), confidence, alpha[-rows:].mean() - alpha[:rows].mean()))
    matter.reset()
    share, confidence, foot = np.mean(found, axis=0)
    return Impression(float(share), float(confidence), float(foot))


def is_upside_down(matter: Matter, images: Sequence[ImageU8]) -> bool:
    """Tell whether frames (H, W, 3), at least one, show people upside down; False where unsure."""
    turned = impression(matter, [np.ascontiguousarray(image[::-1, ::-1]) for image in images])
    if turned.share < _LEAST_SHARE or turned.foot < _LEAST_FOOT:
        return False
    return turned.confidence > impression(matter, images).confidence
