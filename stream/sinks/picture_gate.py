"""The check at the edge of every sink: a picture of another format than the run's is refused."""

import numpy as np

from u2cam.core.frame import Picture
from u2cam.stream.sinks.base import PictureFormat

CHANNELS = {"rgb": 3, "rgba": 4, "gray": None}


def require_format(picture: Picture, picture_format: PictureFormat, sink_name: str) -> None:
    """Compare a picture's array with the format that the sink was opened with.

    Raises:
        ValueError: kind, size or data type differ; the sink has not been touched.
    """
    width, height = picture_format.size_wh
    channels = CHANNELS[picture_format.kind]
    wanted = (height, width) if channels is None else (height, width, channels)
    if picture.image.shape != wanted or picture.image.dtype != np.uint8:
        raise ValueError(
            f"{sink_name}: wanted a {picture_format.kind} picture {wanted} uint8, "
            f"got {picture.image.shape} {picture.image.dtype}; "
            "every picture of a run must have the format given to open()"
        )
