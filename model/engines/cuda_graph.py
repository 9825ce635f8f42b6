"""Recording what is launched on a GPU, to launch it again in one call: CUDA graphs.

A network and the effects are hundreds of small operations; launching each from Python takes longer
than a GPU takes to do them. A graph is recorded once per shape, when the shape comes for the second
time: the last few frames of a file are not worth it. Before that comes a rehearsal, in which every
library allocates what it needs. Where recording fails, the operations are launched one by one, and
the log says so. On other devices than CUDA nothing is recorded.

Called from the thread that runs the network; other threads may use the device meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from u2cam.model.engines.gpu_memory import is_out_of_memory

log = logging.getLogger(__name__)

Launch = Callable[..., Tensor]
REHEARSALS = 3
"""cuDNN chooses its algorithms in the first."""
KEPT_GRAPHS = 8


def no_state() -> list[Tensor]:
    """Say that a launch changes nothing but its result."""
    return []


@dataclass(frozen=True, slots=True, eq=False)
class _Recording:
    graph: torch.cuda.CUDAGraph
    inputs: list[Tensor]
    result: Tensor


class Recorded:
    """A launch that is recorded per shape of its inputs and then replayed.

    Args:
        launch: from tensors to a tensor, all on one device, without a look at any value.
        state: tensors that a launch changes in place, which a rehearsal must leave as they were.
    """

    def __init__(self, launch: Launch, state: Callable[[], list[Tensor]] = no_state) -> None:
        self._launch = launch
        self._state = state
        self._recordings: dict[tuple[object, ...], _Recording] = {}
        self._seen: set[tuple[object, ...]] = set()
        self._plain = False

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return what the launch returns; on CUDA the next call may overwrite it.

        Raises:
            torch.OutOfMemoryError: also while recording.
        """
        if self._plain or not inputs[0].is_cuda:
            return self._launch(*inputs)
        key = tuple((values.shape, values.dtype, values.stride()) for values in inputs)
        recording = self._recordings.get(key)
        if recording is None:
            if key not in self._seen:
                self._seen.add(key)
                return self._launch(*inputs)
            recording = self._record(inputs)
            if recording is None:
                return self._launch(*inputs)
            if len(self._recordings) >= KEPT_GRAPHS:
                self._recordings.pop(next(iter(self._recordings)))
            self._recordings[key] = recording
        for place, values in zip(recording.inputs, inputs, strict=True):
            place.copy_(values)
        recording.graph.replay()
        return recording.result

    def _record(self, inputs: tuple[Tensor, ...]) -> _Recording | None:
        try:
            return record(self._launch, inputs, self._state())
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            # Ending a recording that broke off raises too, in the place of what broke it.
            if error.__context__ is not None and is_out_of_memory(error.__context__):
                raise error.__context__ from None
            log.warning(
                "no CUDA graph (%s): operations are launched one by one, which is slower",
                " ".join(str(error).split())[:200],
            )
            torch.cuda.synchronize()
            self._plain = True
            return None


def record(launch: Launch, inputs: tuple[Tensor, ...], state: list[Tensor]) -> _Recording:
    """Rehearse and record one launch on CUDA.

    Raises:
        RuntimeError: the launch does something that cannot be recorded.
    """
    places = [values.clone() for values in inputs]
    kept = [values.clone() for values in state]
    current = torch.cuda.current_stream(inputs[0].device)
    aside: torch.cuda.Stream = torch.cuda.Stream(inputs[0].device)  # type: ignore[no-untyped-call]
    aside.wait_stream(current)
    with torch.cuda.stream(aside):
        for _ in range(REHEARSALS):
            launch(*places)
        for values, before in zip(state, kept, strict=True):
            values.copy_(before)
    current.wait_stream(aside)
    torch.cuda.synchronize(inputs[0].device)
    graph = torch.cuda.CUDAGraph()
    # Only this thread's calls are watched: others may allocate while this one records.
    with torch.cuda.graph(graph, stream=aside, capture_error_mode="thread_local"):
        result = launch(*places)
    return _Recording(graph, places, result)
