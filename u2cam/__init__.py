"""u2cam: a virtual background without a green screen, as a library and a program.

    import u2cam

    rgba = u2cam.cut_out("me.jpg")
    with u2cam.Matter("u2net_live") as matter:
        alpha = matter(frame_rgb)

Importing this is light: what is behind a name is imported when the name is first used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "BackgroundError",
    "DeviceError",
    "DownloadError",
    "EngineError",
    "HashError",
    "MatteError",
    "Matter",
    "NotAVideoError",
    "Settings",
    "SettingsError",
    "SinkError",
    "SinkLost",
    "SourceError",
    "SourceLost",
    "TooLargeError",
    "U2camError",
    "UsageError",
    "WeightsError",
    "cut_out",
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
    )
    from u2cam.matter import Matter
    from u2cam.settings import Settings
    from u2cam.still import cut_out
else:
    _HOMES = {
        "Matter": "u2cam.matter",
        "Settings": "u2cam.settings",
        "cut_out": "u2cam.still",
    }
    """Where a name is found; every other one is an error."""

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module 'u2cam' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES.get(name, "u2cam.core.errors")), name)
        globals()[name] = value
        return value

    def __dir__():
        return sorted({*globals(), *__all__})
