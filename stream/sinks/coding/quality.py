"""What `output.crf` and `output.preset` become for each encoder.

The numbers are x264's: a step of 6 doubles the quantiser's step, 18 is hard to tell from the
original. Encoders that have a constant quality by another name get the same quantiser step.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from av.codec import Codec

from u2cam.stream.settings import OutputSettings

if TYPE_CHECKING:
    from u2cam.stream.sinks.containers import Coding

_ENCODER_OPTIONS = {
    "libvpx-vp9": {"row-mt": "1", "cpu-used": "4"},
    "libx265": {"x265-params": "log-level=error"},
    "libsvtav1": {"preset": "8"},
    # Constant quality: without these they aim at 2 Mbit/s and take quality as a ceiling.
    "h264_nvenc": {"rc": "vbr", "b": "0"},
    "hevc_nvenc": {"rc": "vbr", "b": "0"},
}
_QUANTISED = {
    "mpeg4",
    "mpeg1video",
    "mpeg2video",
    "mjpeg",
    "h263",
    "h263p",
    "flv",
    "wmv1",
    "wmv2",
} | {"msmpeg4", "msmpeg4v2"}
"""Encoders with a quantiser from 1 to 31, held in place by its bounds."""
_QUALITIES = {"prores", "prores_aw", "prores_ks", "libtheora"}
"""Encoders that read FFmpeg's `-q:v`."""
_MOST_UNITS, _UNITS = 65_535, 60_000
"""Of a second (ISO 14496-2, vop_time_increment_resolution); what is taken instead is exact for all
the usual rates, also for 29.97."""
_LAMBDA = 118
"""FFmpeg's FF_QP2LAMBDA: its unit of quality."""
_MOST_BITS_PER_PIXEL = 24
"""More than any quality needs: libvpx takes VP8's rate as a ceiling over its quality."""


def check_quality(codec: Codec, settings: OutputSettings) -> None:
    """Make sure that a quality that was asked for means something to an encoder.

    Raises:
        ValueError: it has a fixed one.
    """
    usual = OutputSettings.model_fields["crf"].default
    if settings.crf != usual and not _has_quality(codec):
        raise ValueError(
            f"output.crf: {codec.name} has no constant quality; leave it at {usual}, or take "
            "another output.codec"
        )


def encoder_options(
    coding: Coding, size_wh: tuple[int, int], settings: OutputSettings, known: set[str]
) -> dict[str, str]:
    """Return the options that an encoder gets.

    Args:
        coding: encoder and its own options.
        size_wh: of the encoded picture.
        settings: quality and preset.
        known: names of the options that the encoder has.
    """
    options = dict(_ENCODER_OPTIONS.get(coding.encoder, {}))
    for name in ("crf", "cq"):  # cq: NVIDIA's word for it
        if name in known:
            options[name] = str(settings.crf)
    if coding.encoder in _QUANTISED:
        options["qmin"] = options["qmax"] = str(round(_quantiser(settings.crf)))
    if coding.encoder in _QUALITIES:
        quality = _quantiser(settings.crf)
        if coding.encoder == "libtheora":  # from 0 to 10, and 10 is best
            quality = max(0, min(10, 10 - settings.crf / 5))
        options |= {"flags": "+qscale", "global_quality": str(round(quality * _LAMBDA))}
    if coding.encoder == "libvpx":
        options["crf"] = str(max(4, settings.crf))  # VP8 knows no better
        options["b"] = str(min(2**31 - 1, size_wh[0] * size_wh[1] * _MOST_BITS_PER_PIXEL * 60))
    if coding.encoder.endswith("_qsv"):
        options["global_quality"] = str(max(1, settings.crf))
    if coding.encoder in ("libx264", "libx265"):
        options["preset"] = settings.preset
    if settings.crf == 0 and coding.encoder == "libvpx-vp9":
        options["lossless"] = "1"
    if settings.crf == 0 and coding.encoder == "libx265":
        options["x265-params"] += ":lossless=1"
    options |= coding.options
    if coding.encoder == "ffv1" and size_wh[0] < 8:
        options["level"] = "1"  # without slices, which do not fit into so narrow a picture
    return options


def coded_time_base(coding: Coding, time_base: Fraction) -> Fraction:
    """Return the unit of time in which an encoder gets its pictures: MPEG-4 counts in 16 bits."""
    if coding.encoder in _QUANTISED and time_base.denominator > _MOST_UNITS:
        return Fraction(1, _UNITS)
    return time_base


def _has_quality(codec: Codec) -> bool:
    if codec.name in _QUANTISED | _QUALITIES | {"dnxhd", "libvpx"} or codec.name.endswith("_qsv"):
        return True
    if codec.lossless and not codec.lossy:
        return True  # better than any
    context: Any = codec.create("video")
    return bool({option.name for option in context.supported_options.private} & {"crf", "cq"})


def _quantiser(crf: int) -> float:
    """Return the MPEG-4 quantiser, whose step is twice its number, with x264's step.

    H.264's step is 0.625 at 0 and doubles every 6 (ITU-T H.264, table 8-15 and 8.5.12).
    """
    return float(max(1.0, min(31.0, 0.625 * 2 ** (crf / 6) / 2)))
