"""Lost and kept area against the teachers' labels."""

import numpy as np
import pytest

from bench.clip_labels import lost_and_kept


def test_areas_are_weighted_and_in_percent_of_the_person() -> None:
    label = np.zeros((4, 10), np.uint8)
    label[:, :5] = 255
    label[0, 5] = 128  # Neither surely the person nor surely not.
    weight = np.full((4, 10), 255, np.uint8)
    weight[0, 0] = 51
    alpha = np.where(label > 127, 0.9, 0.1).astype(np.float32)
    assert lost_and_kept(alpha, label, weight) == (0.0, 0.0)
    alpha[0, :2] = 0.2
    alpha[0, 5] = 0.9
    alpha[1, 9] = 0.8
    lost, kept = lost_and_kept(alpha, label, weight)
    assert lost == pytest.approx(100 * (0.2 + 1) / 20)
    assert kept == pytest.approx(100 / 20)


def test_an_empty_label_has_no_areas() -> None:
    nobody = np.zeros((4, 4), np.uint8)
    assert lost_and_kept(np.ones((4, 4), np.float32), nobody, nobody + 255) == (0.0, 0.0)
