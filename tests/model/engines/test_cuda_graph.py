"""Recording is a matter of CUDA; what surrounds it is tested with a recording that is made up."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from u2cam.model.engines import cuda_graph as graph
from u2cam.model.engines.cuda_graph import Recorded


class OnCuda:
    """Values that say they are on a GPU."""

    is_cuda = True
    dtype = torch.float32

    def __init__(self, value: float, shape: tuple[int, ...] = (1,)) -> None:
        self.value, self.shape = value, shape

    def stride(self) -> tuple[int, ...]:
        return (1,) * len(self.shape)

    def copy_(self, other: "OnCuda") -> None:
        self.value = other.value


def launch(x: Any) -> Any:
    return OnCuda(2 * x.value, x.shape)


def made_up_recording(launch: Any, inputs: Any, state: Any) -> Any:
    place, result = OnCuda(0.0, inputs[0].shape), OnCuda(0.0, inputs[0].shape)
    replay = SimpleNamespace(replay=lambda: result.copy_(launch(place)))
    return graph._Recording(replay, [place], result)  # type: ignore[arg-type,list-item]


def test_on_the_cpu_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "record", lambda *args: pytest.fail("recorded"))
    assert Recorded(lambda x: x + 1)(torch.ones(2)).tolist() == [2, 2]


def test_a_shape_that_comes_twice_is_recorded_once_and_replayed_with_new_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    def count(*args: Any) -> Any:
        made.append(args[1][0].shape)
        return made_up_recording(*args)

    monkeypatch.setattr(graph, "record", count)
    recorded = Recorded(launch)
    got = [recorded(OnCuda(v, s)).value for v, s in ((1, (1,)), (2, (1,)), (3, (2,)), (4, (1,)))]  # type: ignore[arg-type,attr-defined]
    assert got == [2, 4, 6, 8]
    assert made == [(1,)]
    assert recorded(OnCuda(5, (2,))).value == 10  # type: ignore[arg-type,attr-defined]
    assert made == [(1,), (2,)]


def test_where_recording_fails_operations_go_one_by_one_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any) -> Tensor:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(graph, "record", refuse)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda *args: None)
    recorded = Recorded(launch)
    with caplog.at_level(logging.WARNING):
        assert [recorded(OnCuda(v)).value for v in (1, 2, 3)] == [2, 4, 6]  # type: ignore[arg-type,attr-defined]
    assert len(caplog.records) == 1 and "no CUDA graph" in caplog.text


def test_memory_that_runs_out_while_recording_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hungry(*args: Any) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    def hidden(*args: Any) -> Tensor:
        try:
            raise torch.OutOfMemoryError("CUDA out of memory")
        except RuntimeError:
            raise RuntimeError("operation failed due to a previous error")  # noqa: B904

    for record in (hungry, hidden):
        monkeypatch.setattr(graph, "record", record)
        recorded = Recorded(launch)
        recorded(OnCuda(1))  # type: ignore[arg-type]
        with pytest.raises(torch.OutOfMemoryError):
            recorded(OnCuda(1))  # type: ignore[arg-type]
