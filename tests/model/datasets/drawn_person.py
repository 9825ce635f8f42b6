"""A simple picture of a person, for what is drawn on and around people."""

import cv2
import numpy as np

from u2cam.model.datasets.photo import Image

WALL, SKIN, HAIR = 200, 150, 60


def draw_portrait() -> tuple[Image, Image]:
    """A head with hair, and shoulders, in front of a light wall; (144, 256, 3) and (144, 256)."""
    alpha = np.zeros((144, 256), np.uint8)
    cv2.ellipse(alpha, (128, 60), (22, 30), 0, 0, 360, 255, -1)
    alpha[100:, 80:176] = 255
    alpha[80:100, 118:138] = 255
    frame = np.full((144, 256, 3), WALL, np.uint8)
    frame[alpha > 0] = SKIN
    frame[:45][alpha[:45] > 0] = HAIR
    return frame, alpha
