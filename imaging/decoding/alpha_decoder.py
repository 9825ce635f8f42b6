"""The decoder of videos whose alpha lies beside the picture: VP8 and VP9 in WebM and Matroska.

The container keeps the alpha as a second coded picture (BlockAdditional). FFmpeg's own decoders
leave it out; libvpx's join both.
"""

import av
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def alpha_decoder(stream: VideoStream) -> VideoCodecContext | None:
    """Return a decoder that gives a track's alpha too; None where its own decoder will do."""
    own = stream.codec_context
    name = _DECODERS.get(own.codec.canonical_name)
    if name is None or stream.metadata.get("alpha_mode") != "1":
        return None
    if name not in av.codecs_available:
        return None
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata = own.extradata
    # What the container says, for pictures that do not say it themselves.
    context.color_range, context.colorspace = own.color_range, own.colorspace
    context.color_primaries, context.color_trc = own.color_primaries, own.color_trc
    return context
