"""A stream over the network that breaks off and comes back."""

import socket
import threading
from pathlib import Path

from tests.media import Clip
from u2cam.core.errors import SourceLost
from u2cam.core.frame import Frame
from u2cam.stream.sources.video import FileSource


def test_a_live_stream_that_broke_off_comes_back_on_the_same_clock(tmp_path: Path) -> None:
    data = Clip(frames=30).write(tmp_path / "a.ts").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server, data, 2))
        thread.start()
        source = FileSource(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with source:
            assert source.info.live
            assert source.info.media is None
            before = read_until_lost(source)
            assert source.reopen()
            after = read_until_lost(source)
        thread.join(timeout=5)
    assert not source.reopen()
    assert len(before) >= 20
    assert len(after) >= 20
    frames = before + after
    assert [frame.index for frame in frames] == list(range(len(frames)))
    pts = [frame.pts for frame in frames]
    assert pts[0] == 0
    assert pts == sorted(set(pts))


def test_a_live_stream_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    data = Clip(frames=30).write(tmp_path / "a.ts").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server, data, 1))
        thread.start()
        source = FileSource(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        source.__enter__()
        thread.join(timeout=5)
    try:
        read_until_lost(source)
        assert not source.reopen()
    finally:
        source.close()


def serve(server: socket.socket, data: bytes, times: int) -> None:
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.sendall(data)


def read_until_lost(source: FileSource) -> list[Frame]:
    frames = []
    while True:
        try:
            frames.append(source.read())
        except SourceLost:
            return frames
