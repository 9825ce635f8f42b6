import threading
import time

import pytest

from u2cam.stream.frame_queue import FrameQueue, QueueClosed


def later(delay_s: float, action: object) -> threading.Timer:
    timer = threading.Timer(delay_s, action)  # type: ignore[arg-type]
    timer.start()
    return timer


def test_items_come_out_in_the_order_they_went_in() -> None:
    queue = FrameQueue[int]("q", 3, "wait")
    for number in range(3):
        queue.put(number)
    assert [queue.get() for _ in range(3)] == [0, 1, 2]


def test_full_live_queue_drops_oldest_and_counts_it() -> None:
    queue = FrameQueue[int]("q", 2, "drop_oldest")
    for number in range(5):
        queue.put(number)
    assert queue.dropped == {"full": 3}
    assert [queue.get(), queue.get()] == [3, 4]


def test_full_waiting_queue_waits_for_room_and_loses_nothing() -> None:
    queue = FrameQueue[int]("q", 1, "wait")
    queue.put(0)
    taken: list[int] = []
    timer = later(0.05, lambda: taken.append(queue.get()))
    queue.put(1)
    timer.join()
    assert (taken, queue.get(), queue.dropped.total()) == ([0], 1, 0)


def test_ended_queue_is_drained_and_then_closed() -> None:
    queue = FrameQueue[int]("q", 2, "wait")
    queue.put(7)
    queue.end()
    assert queue.get() == 7
    with pytest.raises(QueueClosed):
        queue.get()


def test_ended_queue_takes_nothing_more_and_counts_what_it_refused() -> None:
    queue = FrameQueue[int]("q", 2, "wait")
    queue.end()
    with pytest.raises(QueueClosed):
        queue.put(1)
    assert queue.dropped == {"closed": 1}


def test_close_wakes_a_waiting_reader() -> None:
    queue = FrameQueue[int]("q", 1, "wait")
    timer = later(0.05, queue.close)
    with pytest.raises(QueueClosed):
        queue.get(timeout_s=5)
    timer.join()


def test_close_wakes_a_waiting_writer() -> None:
    queue = FrameQueue[int]("q", 1, "wait")
    queue.put(0)
    timer = later(0.05, queue.close)
    with pytest.raises(QueueClosed):
        queue.put(1)
    timer.join()


def test_end_wakes_a_waiting_writer() -> None:
    queue = FrameQueue[int]("q", 1, "wait")
    queue.put(0)
    timer = later(0.05, queue.end)
    with pytest.raises(QueueClosed):
        queue.put(1)
    timer.join()
    assert queue.get() == 0


def test_close_throws_away_what_waits_and_counts_it_once() -> None:
    queue = FrameQueue[int]("q", 2, "wait")
    queue.put(1)
    queue.close()
    queue.close()
    assert queue.dropped == {"closed": 1}
    with pytest.raises(QueueClosed):
        queue.get()


def test_get_gives_up_after_its_time() -> None:
    queue = FrameQueue[int]("q", 1, "wait")
    begin_s = time.monotonic()
    with pytest.raises(TimeoutError, match="queue q"):
        queue.get(timeout_s=0.03)
    assert time.monotonic() - begin_s >= 0.03


def test_depth_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="depth must be at least 1"):
        FrameQueue[int]("q", 0, "wait")
