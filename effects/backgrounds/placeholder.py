"""The text of the placeholder, which the viewer sees while there is no valid matte."""

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8

_FONT = cv2.FONT_HERSHEY_DUPLEX


def write_text(background: ImageU8, text: str) -> ImageU8:
    """Write a short text in the middle of a background.

    Args:
        background: (H, W, 3) uint8 RGB; made without camera pixels. Not written into.
        text: ASCII, one line; other characters become `?`. Empty: the background alone.

    Returns:
        (H, W, 3) uint8 RGB, newly allocated.
    """
    out = background.copy()
    height, width = out.shape[:2]
    line = text.encode("ascii", "replace").decode()
    if not line or min(height, width) < 16:
        return out
    (text_width, text_height), _ = cv2.getTextSize(line, _FONT, 1.0, 1)
    scale = min(0.06 * height / text_height, 0.8 * width / text_width)
    weight = max(1, round(scale * 1.3))
    (text_width, text_height), _ = cv2.getTextSize(line, _FONT, scale, weight)
    x, y = (width - text_width) // 2, (height + text_height) // 2
    # A dark band keeps the text readable on any background.
    pad = text_height
    top, bottom = max(0, y - text_height - pad), min(height, y + pad)
    left, right = max(0, x - 2 * pad), min(width, x + text_width + 2 * pad)
    band = out[top:bottom, left:right]
    out[top:bottom, left:right] = (band.astype(np.uint16) * 2 // 5).astype(np.uint8)
    cv2.putText(out, line, (x, y), _FONT, scale, (255, 255, 255), weight, cv2.LINE_AA)
    return out
