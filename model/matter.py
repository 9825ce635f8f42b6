"""A network as the pipeline wants it: an RGB image in, its matte out.

Runs in the inference thread, after being built by the thread that starts the program. Joins
preprocessing, engine and the previous matte; knows nothing of frames, queues or smoothing.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from u2cam.model.engines.gpu_memory import is_out_of_memory, make_room
from u2cam.model.engines.torch import Engine
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.preprocess import fit_input, normalise, resize_input, stretch
from u2cam.model.recurrence import HostLooks, Looks
from u2cam.model.registry import ModelSpec

log = logging.getLogger(__name__)

Part = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of the frame, as shares of its width and height."""

MOST_ZOOM = 1.5
"""Seen so much larger or smaller, things are better looked at anew than remembered."""


def turn_looks(looks: Looks[Any], box: Letterbox | None, before: Part, now: Part) -> None:
    """Carry what is remembered of one part of the frames over to another, or forget it.

    Args:
        looks: what remembers.
        box: where the parts lie in the network's input; None: nothing was seen.
        before: what was seen so far.
        now: what will be seen.
    """
    if box is None:
        return
    scale_x = (now[2] - now[0]) / (before[2] - before[0])
    scale_y = (now[3] - now[1]) / (before[3] - before[1])
    if not 1 / MOST_ZOOM < scale_x < MOST_ZOOM:
        looks.forget()
        return
    x = (now[0] - before[0]) / (before[2] - before[0]) * box.content_wh[0]
    y = (now[1] - before[1]) / (before[3] - before[1]) * box.content_wh[1]
    # Pixels are counted from the middle of the first, and from the edge of the bars.
    middle_x, middle_y = 0.5 - box.left, 0.5 - box.top
    shift_x, shift_y = x + middle_x * scale_x - middle_x, y + middle_y * scale_y - middle_y
    looks.carry(np.array(((scale_x, 0.0, shift_x), (0.0, scale_y, shift_y))))


class NetworkMatter:
    """Fulfils the pipeline's `Matter` protocol with a registered network."""

    def __init__(
        self,
        spec: ModelSpec,
        engine: Engine,
        *,
        input_size_wh: tuple[int, int] | None = None,
        still: bool = False,
        model_name: str | None = None,
        warm_up_wh: tuple[int, int] | None = None,
        gives_way: bool = False,
    ) -> None:
        """Join a network and what runs it.

        Args:
            spec: the network's entry in the registry.
            engine: runs that network.
            input_size_wh: width and height of the input for pictures in landscape, in pixels;
                None: the network's own.
            still: single images: the authors' treatment of a photo, and nothing remembered.
            model_name: shown to the user; None: the registry's name.
            warm_up_wh: size of the frames that will come: one is run now, so that the first is
                not slow; None: no warm-up.
            gives_way: where memory runs out, take a smaller input for the rest of the run and say
                so, instead of failing: for live runs.

        Raises:
            ValueError: the network draws no mattes, or cannot take the input size.
        """
        if not spec.for_matting:
            raise ValueError(f"model {spec.name} gives no mattes: it {spec.purpose}")
        self._spec = spec
        self._engine = engine
        self._input_size_wh = self._next_size_wh = input_size_wh or spec.input_size_wh
        self._sizes_wh = () if input_size_wh or still else spec.live_sizes_wh
        if any(side % spec.size_multiple for side in self._input_size_wh):
            width, height = self._input_size_wh
            raise ValueError(
                f"model.input_size = {width}x{height}: model {spec.name} takes multiples of "
                f"{spec.size_multiple} only"
            )
        self._gives_way = gives_way
        self._still = still
        self._model_name = model_name or spec.name
        self._box: Letterbox | None = None
        self._looks = HostLooks(engine)
        if warm_up_wh is not None:
            width, height = warm_up_wh
            self.matte(np.zeros((height, width, 3), np.uint8))
            self.reset()

    @property
    def model_name(self) -> str:
        """Name in the registry, or the weights file's name."""
        return self._model_name

    @property
    def device_name(self) -> str:
        """The device that really does the work."""
        return self._engine.device_label

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `bf16`."""
        return self._engine.precision

    @property
    def input_size_wh(self) -> tuple[int, int]:
        """Width and height of the network's input for pictures in landscape."""
        return self._input_size_wh

    @property
    def input_sizes_wh(self) -> tuple[tuple[int, int], ...]:
        """Input sizes to choose from while running, largest first; empty where one was set."""
        return self._sizes_wh

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of `input_sizes_wh` from the next picture on; from any thread.

        Never one that did not fit into memory: then the largest that did.
        """
        fits = size_wh in self._sizes_wh or not self._sizes_wh
        self._next_size_wh = size_wh if fits else self._sizes_wh[0]

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of pictures of a size."""
        return self._fit(size_wh).content_wh

    def matte(
        self, image: NDArray[np.uint8], frame_wh: tuple[int, int] | None = None
    ) -> NDArray[np.float32]:
        """Return the matte (h, w) of an image (H, W, 3), over the same field of view.

        Its size is the network's own, letterbox bars removed. A network that broke down may give
        values that are not finite: the caller checks, as for any matter.

        Args:
            image: what to look at.
            frame_wh: of what frame the image is a part: it is seen in the shape and size in which
                the frame is; None: it is the frame.
        """
        return self._run(image, frame_wh, afresh=False)

    def glance(
        self, image: NDArray[np.uint8], frame_wh: tuple[int, int] | None = None
    ) -> NDArray[np.float32]:
        """Return the matte, like `matte`, as if nothing had come before, and forget the image."""
        return self._run(image, frame_wh, afresh=True)

    def _run(
        self, image: NDArray[np.uint8], frame_wh: tuple[int, int] | None, *, afresh: bool
    ) -> NDArray[np.float32]:
        while True:
            try:
                return self._matte(image, frame_wh, afresh=afresh)
            except RuntimeError as error:
                if not is_out_of_memory(error) or not self._can_give_way():
                    raise
            # Outside of `except`: the error's traceback holds on to the tensors of the failure.
            self._give_way()

    def _matte(
        self, image: NDArray[np.uint8], frame_wh: tuple[int, int] | None, *, afresh: bool
    ) -> NDArray[np.float32]:
        self._input_size_wh = self._next_size_wh
        box = self._fit(frame_wh or (image.shape[1], image.shape[0]))
        if box != self._box:
            self._box = box
            self._looks.forget()
        picture = resize_input(self._spec.feeding, box, image)
        if self._spec.feeding == "live":
            alpha = self._looks.glance(picture) if afresh else self._looks.look(picture)
            if self._still:
                self._looks.forget()
        else:
            alpha = self._engine.run(normalise(picture, still=self._is_official()))
        cut = box.remove(alpha)
        return stretch(cut) if self._is_official() else cut

    @property
    def has_one_shape(self) -> bool:
        """Whether parts of a frame must have its shape: others would be squashed to it."""
        return self._spec.feeding == "live"

    def turn(self, before: Part, now: Part) -> None:
        """Look at another part of the frames from the next one on, with what is remembered.

        Args:
            before: what the images so far showed.
            now: what those from now on will show.
        """
        turn_looks(self._looks, self._box, before, now)

    def reset(self) -> None:
        """Forget the previous matte: after a scene cut, a gap or a failure."""
        self._looks.forget()

    def _can_give_way(self) -> bool:
        smaller = self._smaller_sizes()
        return self._gives_way and bool(smaller)

    def _smaller_sizes(self) -> tuple[tuple[int, int], ...]:
        area = self._input_size_wh[0] * self._input_size_wh[1]
        return tuple(size for size in self._sizes_wh if size[0] * size[1] < area)

    def _give_way(self) -> None:
        """Take the next smaller input for the rest of the run."""
        failed = self._input_size_wh
        self._sizes_wh = self._smaller_sizes()
        self._next_size_wh = self._sizes_wh[0]
        self.reset()
        make_room()
        log.warning(
            "%s: out of memory with network input %dx%d: from now on %dx%d",
            self.device_name,
            *failed,
            *self._next_size_wh,
        )

    def _fit(self, size_wh: tuple[int, int]) -> Letterbox:
        return fit_input(self._spec.feeding, size_wh, self._input_size_wh)

    def _is_official(self) -> bool:
        return self._still and self._spec.feeding == "official"
