"""A small HTTP server that can misbehave, and weights of the right shape without training."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Two threads that wait for each other on a busy machine take minutes instead of seconds."""
    torch.set_num_threads(1)


@dataclass
class FileServer:
    """Serves one file; cuts the first `cuts` answers short."""

    content: bytes = bytes(range(256)) * 2000
    cuts: int = 0
    status: int = 200
    content_type: str = "application/octet-stream"
    ranges_known: bool = True
    asked_ranges: list[str | None] = field(default_factory=list)
    url: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    state = FileServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.asked_ranges.append(asked)
            if state.status != 200:
                self.send_error(state.status)
                return
            start = int(asked.split("=")[1].rstrip("-")) if asked and state.ranges_known else 0
            if start >= len(state.content) > 0 and start:
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", state.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.cuts > 0:
                state.cuts -= 1
                body = body[: len(body) // 3]
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/u2netp.pth"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()
