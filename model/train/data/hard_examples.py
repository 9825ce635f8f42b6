"""Hard examples: camera pictures of which a network misses a part are worth drawing more often.

Most pictures of a video are learnt early; the few with dark hair in front of a dark curtain are a
small part of all that a run draws. Pictures drawn by their error teach more (online batch
selection, Loshchilov and Hutter, arXiv 1511.06343). Here the error is measured once, before the run
begins.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import nn

from u2cam.model.datasets.person_shape import OPAQUE
from u2cam.model.datasets.photo import Image, Photo
from u2cam.model.datasets.photo_library import CAMERA_KINDS, Library
from u2cam.model.inputs.preprocess import shaped_input
from u2cam.model.inputs.recurrent_input import feedback
from u2cam.model.networks.u2net_live import U2NetLive
from u2cam.model.recurrence import FIRST_PASSES
from u2cam.model.train.validation import predict

INPUT_WH = (512, 288)
"""As many pixels as the network gets in use; their shape is the picture's."""


def first_matte(network: nn.Module, frame: Image) -> NDArray[np.float32]:
    """Return the (H, W) matte of a video's first frame, after the passes that a run makes there.

    Without the mirrored pass. With its own matte as recurrent input a network may lose thin hair
    that it found without.
    """
    alpha = predict(network, frame)[0, 0].numpy()
    for _ in range(FIRST_PASSES if isinstance(network, U2NetLive) else 0):
        alpha = predict(network, frame, feedback(alpha))[0, 0].numpy()
    return np.asarray(alpha, np.float32)


def missed_share(network: nn.Module, photo: Photo) -> float:
    """Return how much of a person an eval-mode network misses: false negatives, 0 is none.

    Where the label is opaque and the matte below one half, each pixel counted by its label weight;
    in parts of the opaque area.
    """
    image_wh = (photo.alpha[0].shape[1], photo.alpha[0].shape[0])
    size_wh = shaped_input(image_wh, INPUT_WH)
    frame = cv2.resize(photo.rgb[0], size_wh, interpolation=cv2.INTER_AREA)
    label = cv2.resize(photo.alpha[0], size_wh, interpolation=cv2.INTER_AREA)
    weight = np.full_like(label, 255)
    if photo.weight is not None:
        weight = cv2.resize(photo.weight[0], size_wh, interpolation=cv2.INTER_AREA)
    person = label > OPAQUE
    matte = first_matte(network, np.asarray(frame, np.uint8))
    missed = weight[person & (matte < 0.5)].sum(dtype=np.float64) / 255
    return float(missed / max(1, np.count_nonzero(person)))


def with_errors(network: nn.Module, library: Library) -> Library:
    """Return a library with the `missed_share` of every camera picture in it."""
    training = network.training
    network.eval()
    photos = [photo for kind in CAMERA_KINDS for photo in library.people.get(kind, [])]
    error = {photo.name: missed_share(network, photo) for photo in photos}
    network.train(training)
    return replace(library, error=error)
