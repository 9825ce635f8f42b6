"""Fetch a weights file over HTTP: with progress, resumed, verified, renamed when complete.

Runs in the thread that starts the program, before any other; standard library only. What to fetch
and where to put it is `weights.py`.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from u2cam.core.errors import DownloadError, HashError

CHUNK_BYTES = 1 << 16
TRIES = 3
"""Connections per call: a cut one is resumed at once, then it is the user's turn."""

TIMEOUT_S = 30.0


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    size_bytes: int | None = None,
    show_progress: bool = True,
) -> None:
    """Fetch a file; it appears under its name only when complete and verified.

    The part fetched so far lies beside the target as `NAME.part` and is resumed by the next call.

    Args:
        url: http or https.
        target: the file to make; its folder is made if absent.
        sha256: refuse anything else.
        size_bytes: expected size, for the progress bar where the server tells none.
        show_progress: draw a bar on stderr if that is a terminal.

    Raises:
        HashError: complete, but not the published file; the part is deleted.
        DownloadError: no network, a refusing server, a folder that cannot be written.
    """
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab"):
            pass
    except OSError as error:
        raise DownloadError(
            f"{target.name}: cannot write into {target.parent} ({error.strerror}); "
            f"download {url} yourself and give it with --model FILE"
        ) from error
    console = Console(stderr=True)
    shown = show_progress and console.is_terminal
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
    )
    with bar if shown else nullcontext():
        task = bar.add_task(target.name, total=size_bytes)
        for attempt in range(1, TRIES + 1):
            try:
                _fetch(url, part, bar, task)
                break
            except urllib.error.HTTPError as error:
                error.close()
                _drop_if_empty(part)
                raise DownloadError(
                    f"{target.name}: {url} answered {error.code} {error.reason}; "
                    "download it yourself and give it with --model FILE"
                ) from error
            except (OSError, http.client.HTTPException) as error:
                if attempt == TRIES:
                    reason = getattr(error, "reason", None) or error
                    have = part.stat().st_size
                    _drop_if_empty(part)
                    raise DownloadError(
                        f"{target.name}: no download from {url} ({reason}), {have} bytes so far; "
                        "check the network and run again to resume, or give it with --model FILE"
                    ) from error
    if sha256 is not None and (got := sha256_of(part)) != sha256:
        part.unlink()
        raise HashError(
            f"{target.name}: {url} gave a file with sha256 {got[:12]}…, wanted {sha256[:12]}…; "
            "it may be an error page: try again later, or give the file with --model FILE"
        )
    os.replace(part, target)


def _drop_if_empty(part: Path) -> None:
    """Leave nothing behind of a download that never began."""
    if part.stat().st_size == 0:
        part.unlink()


def _fetch(url: str, part: Path, bar: Progress, task: object) -> None:
    """Append the rest of the file to `part`; raises if the connection ends early."""
    have = part.stat().st_size
    request = urllib.request.Request(url, headers={"User-Agent": "u2cam"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if have and error.code == 416:  # Nothing after what we have: complete, or not this file.
            error.close()
            return
        raise
    with response:
        if response.headers.get_content_type() == "text/html":
            raise urllib.error.URLError("the server sent a web page instead of the file")
        resumed = response.status == 206
        length = response.headers.get("Content-Length")
        have = have if resumed else 0
        total = have + int(length) if length else None
        if total is not None:
            bar.update(task, total=total)  # type: ignore[arg-type]
        with part.open("ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                bar.update(task, completed=have)  # type: ignore[arg-type]
        if total is not None and have < total:
            raise http.client.IncompleteRead(b"", total - have)
