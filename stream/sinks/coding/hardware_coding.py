"""Whether hardware encodes a run's pictures, in place of the processor."""

import logging

from u2cam.stream.media import hwaccel as hardware
from u2cam.stream.media.hwaccel import Hardware
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.coding.quality import encoder_options
from u2cam.stream.sinks.containers import Coding, coded_size

_log = logging.getLogger(__name__)


def hardware_coding(
    name: str, coding: Coding, size_wh: tuple[int, int], wanted: Hardware, settings: OutputSettings
) -> Coding:
    """Return the hardware's coding where it encodes a picture of this size, else the given.

    Args:
        name: of the file, for the message.
        coding: of the processor.
        size_wh: of the pictures.
        wanted: the hardware.
        settings: codec and quality.
    """
    # Lossless, or a codec that the user chose: not for hardware to change.
    free = settings.codec == "auto" and settings.crf > 0
    chosen = hardware.on_hardware(coding, wanted.kind) if free else None
    if chosen is not None:
        coded_wh = coded_size(chosen, size_wh)
        options = encoder_options(chosen, coded_wh, settings, set())
        if hardware.encodes(chosen.encoder, coded_wh, chosen.pixel_format, options):
            _log.info("%s: encoded by %s", name, wanted.kind)
            return chosen
    reason = "does not work here" if chosen is not None else "is not for this kind of file"
    level = logging.WARNING if wanted.asked else logging.INFO
    _log.log(level, "%s: %s %s; the processor encodes", name, wanted.kind, reason)
    return coding
