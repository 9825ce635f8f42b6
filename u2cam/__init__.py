"""u2cam: a virtual background without a green screen, as a library and a program.

    import u2cam

    rgba = u2cam.cut_out("me.jpg")                          # (H, W, 4) uint8, straight
    with u2cam.Matter("u2net_live") as matter:              # keeps state; matter.reset() at cuts
        alpha = matter(frame_rgb)                           # (H, W) float32 in [0, 1]
    u2cam.process("talk.mp4", "out.mp4", background="beach.jpg", progress=print)
    with u2cam.Pipeline(MySource(), [MySink()], background="blur:6") as run:
        run.wait()

Importing this is light: what is behind a name is imported when the name is first used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "BackgroundError",
    "ColorTags",
    "DeviceError",
    "DownloadError",
    "EndOfStream",
    "EngineError",
    "Frame",
    "HashError",
    "MatteError",
    "Matter",
    "NotAVideoError",
    "Picture",
    "PictureFormat",
    "Pipeline",
    "Progress",
    "QuitRequested",
    "Settings",
    "SettingsError",
    "Sink",
    "SinkError",
    "SinkLost",
    "Source",
    "SourceError",
    "SourceInfo",
    "SourceLost",
    "TooLargeError",
    "U2camError",
    "UsageError",
    "WeightsError",
    "WrongTypeError",
    "cut_out",
    "process",
]

if TYPE_CHECKING:
    from u2cam.core.errors import (
        BackgroundError,
        DeviceError,
        DownloadError,
        EngineError,
        HashError,
        MatteError,
        NotAVideoError,
        SettingsError,
        SinkError,
        SinkLost,
        SourceError,
        SourceLost,
        TooLargeError,
        U2camError,
        UsageError,
        WeightsError,
        WrongTypeError,
    )
    from u2cam.core.frame import Frame, Picture
    from u2cam.imaging.color_tags import ColorTags
    from u2cam.jobs.process import process
    from u2cam.matter import Matter
    from u2cam.pipeline import Pipeline
    from u2cam.progress import Progress
    from u2cam.settings import Settings
    from u2cam.still import cut_out
    from u2cam.stream.sinks.base import PictureFormat, QuitRequested, Sink
    from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
else:
    _HOMES = {
        "ColorTags": "u2cam.imaging.color_tags",
        "EndOfStream": "u2cam.stream.sources.base",
        "Frame": "u2cam.core.frame",
        "Matter": "u2cam.matter",
        "Picture": "u2cam.core.frame",
        "PictureFormat": "u2cam.stream.sinks.base",
        "Pipeline": "u2cam.pipeline",
        "Progress": "u2cam.progress",
        "QuitRequested": "u2cam.stream.sinks.base",
        "Settings": "u2cam.settings",
        "Sink": "u2cam.stream.sinks.base",
        "Source": "u2cam.stream.sources.base",
        "SourceInfo": "u2cam.stream.sources.base",
        "cut_out": "u2cam.still",
        "process": "u2cam.jobs.process",
    }
    """Where a name is found; any other is that of an error."""

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module 'u2cam' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES.get(name, "u2cam.core.errors")), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
