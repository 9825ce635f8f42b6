"""What a network loses of webcam pictures: those of which it loses much are worth a second showing.

Most pictures of a clip are learnt early; the few with dark hair before a dark curtain are a small
part of all that a run shows. Pictures drawn by their error teach more (online batch selection,
Loshchilov and Hutter, arXiv 1511.06343). Here the error is measured once, before the run begins.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from torch import nn

from model.preprocess import shaped_input
from model.train.library import WHOLE_KINDS, Library, Photo
from model.train.outline import SURE
from model.train.validation import predict

INPUT_WH = (512, 288)
"""As many pixels as the network gets in use; their shape is the picture's."""


def lost_share(network: nn.Module, photo: Photo) -> float:
    """Return which part of somebody, 0 to 1, an eval-mode network told nothing takes for scenery.

    Where the label is surely the person, by the belief in it.
    """
    image_wh = (photo.alpha[0].shape[1], photo.alpha[0].shape[0])
    size_wh = shaped_input(image_wh, INPUT_WH)
    frame = cv2.resize(photo.rgb[0], size_wh, interpolation=cv2.INTER_AREA)
    label = cv2.resize(photo.alpha[0], size_wh, interpolation=cv2.INTER_AREA)
    belief = np.full_like(label, 255)
    if photo.weight is not None:
        belief = cv2.resize(photo.weight[0], size_wh, interpolation=cv2.INTER_AREA)
    person = label > SURE
    matte = predict(network, np.asarray(frame, np.uint8))[0, 0].numpy()
    lost = belief[person & (matte < 0.5)].sum(dtype=np.float64)
    return float(lost / max(1, 255 * np.count_nonzero(person)))


def with_lapses(network: nn.Module, library: Library) -> Library:
    """Return a library that knows what a network loses of every webcam picture in it."""
    training = network.training
    network.eval()
    photos = [photo for kind in WHOLE_KINDS for photo in library.people.get(kind, [])]
    lost = {photo.name: lost_share(network, photo) for photo in photos}
    network.train(training)
    return replace(library, lost=lost)
