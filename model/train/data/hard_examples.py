"""What a network has wrong of webcam pictures: those with much of it are worth a second showing.

Most pictures of a clip are learnt early; the few with dark hair before a dark curtain are a small
part of all that a run shows. Pictures drawn by their error teach more (online batch selection,
Loshchilov and Hutter, arXiv 1511.06343). Here the error is measured once, before the run begins.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import nn

from u2cam.model.datasets.person_shape import SURE
from u2cam.model.datasets.photo_library import WHOLE_KINDS, Image, Library, Photo
from u2cam.model.inputs.levels import remembered
from u2cam.model.inputs.preprocess import shaped_input
from u2cam.model.networks.u2net_live import U2NetLive
from u2cam.model.recurrence import SECOND_LOOKS
from u2cam.model.train.validation import predict

INPUT_WH = (512, 288)
"""As many pixels as the network gets in use; their shape is the picture's."""


def _seen(network: nn.Module, frame: Image) -> NDArray[np.float32]:
    """Return the matte of a first frame: told what it is sure of, a network may let go of a plait.

    Without the mirrored look that a run has at it.
    """
    alpha = predict(network, frame)[0, 0].numpy()
    # One without a memory sees the same again.
    for _ in range(SECOND_LOOKS if isinstance(network, U2NetLive) else 0):
        alpha = predict(network, frame, remembered(alpha))[0, 0].numpy()
    return np.asarray(alpha, np.float32)


def wrong_share(network: nn.Module, photo: Photo) -> float:
    """Return how much of a picture an eval-mode network has wrong at a video's start, 0 is nothing.

    What it loses, where the label is surely the person, by the belief in it: as a part of the
    person.
    """
    image_wh = (photo.alpha[0].shape[1], photo.alpha[0].shape[0])
    size_wh = shaped_input(image_wh, INPUT_WH)
    frame = cv2.resize(photo.rgb[0], size_wh, interpolation=cv2.INTER_AREA)
    label = cv2.resize(photo.alpha[0], size_wh, interpolation=cv2.INTER_AREA)
    belief = np.full_like(label, 255)
    if photo.weight is not None:
        belief = cv2.resize(photo.weight[0], size_wh, interpolation=cv2.INTER_AREA)
    person = label > SURE
    matte = _seen(network, np.asarray(frame, np.uint8))
    lost = belief[person & (matte < 0.5)].sum(dtype=np.float64) / 255
    return float(lost / max(1, np.count_nonzero(person)))


def with_lapses(network: nn.Module, library: Library) -> Library:
    """Return a library that knows what a network has wrong of every webcam picture in it."""
    training = network.training
    network.eval()
    photos = [photo for kind in WHOLE_KINDS for photo in library.people.get(kind, [])]
    wrong = {photo.name: wrong_share(network, photo) for photo in photos}
    network.train(training)
    return replace(library, wrong=wrong)
