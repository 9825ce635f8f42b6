"""How a live recording is written, so that a full disk or a pulled plug loses a second of it.

MP4 and QuickTime keep their index for the end: without it nothing can be read. A recording is
written as fragments with an index each, which FFmpeg turns into an ordinary file at the end.
"""

from __future__ import annotations

import io
from functools import lru_cache

import av

from u2cam.stream.sinks.containers import Coding, Container

_FRAGMENT_US = 500_000
_CLUSTER_MS = 500
_CONVERTED = "+hybrid_fragmented+delay_moov"
"""delay_moov: the first index waits for the first stamps, so that the picture starts at 0. Without
it FFmpeg 8.1 crashes at the end of a file without pictures."""
_FRAGMENTS = {"frag_duration": str(_FRAGMENT_US), "flush_packets": "1"}


def is_safe(container: Container) -> bool:
    """True where a file of this kind can be read though its end is missing."""
    return container.muxer in ("mp4", "mov", "matroska", "webm")


def recording_options(container: Container) -> dict[str, str]:
    """Return the muxer's options for a live recording.

    Args:
        container: one that `is_safe`.
    """
    if container.muxer in ("matroska", "webm"):
        return {"cluster_time_limit": str(_CLUSTER_MS), "flush_packets": "1"}
    flags = _CONVERTED if _can_convert() else "+delay_moov+default_base_moof"
    return {"movflags": flags, **_FRAGMENTS}


def prompt_encoding(coding: Coding) -> dict[str, str]:
    """Return options with which an encoder holds few pictures back: they would be lost with it."""
    if coding.encoder != "libx264":
        return {}
    return {"rc-lookahead": "10", "x264-params": "sync-lookahead=0"}


@lru_cache(maxsize=1)
def _can_convert() -> bool:
    """True where FFmpeg (since 7.1) makes an ordinary MP4 of the fragments at the end."""
    try:
        options = {"movflags": _CONVERTED}
        with av.open(io.BytesIO(), "w", format="mp4", container_options=options) as output:
            output.add_stream("mpeg4", rate=25)
            output.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True
