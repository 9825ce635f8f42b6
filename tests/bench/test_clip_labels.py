"""Areas of false negatives and false positives against the teachers' labels."""

import numpy as np
import pytest

from bench.clip_labels import false_areas


def test_areas_are_weighted_and_in_percent_of_the_person() -> None:
    label = np.zeros((4, 10), np.uint8)
    label[:, :5] = 255
    label[0, 5] = 128  # Neither opaque nor clear.
    weight = np.full((4, 10), 255, np.uint8)
    weight[0, 0] = 51
    alpha = np.where(label > 127, 0.9, 0.1).astype(np.float32)
    assert false_areas(alpha, label, weight) == (0.0, 0.0)
    alpha[0, :2] = 0.2
    alpha[0, 5] = 0.9
    alpha[1, 9] = 0.8
    missed, leaked = false_areas(alpha, label, weight)
    assert missed == pytest.approx(100 * (0.2 + 1) / 20)
    assert leaked == pytest.approx(100 / 20)


def test_an_empty_label_has_no_areas() -> None:
    empty = np.zeros((4, 4), np.uint8)
    assert false_areas(np.ones((4, 4), np.float32), empty, empty + 255) == (0.0, 0.0)
