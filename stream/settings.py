"""Settings of capture, pipeline and output. Defaults live here and nowhere else."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from u2cam.core.section import Section
from u2cam.stream.geometry import Box, WantedSize


class CaptureSettings(Section):
    """What is asked of a camera, and how the frames of any input are turned and cut."""

    width: Annotated[int, Field(ge=1, le=16384)] | None = Field(
        None, description="Pixels; a camera is asked for 1280 where this is not set."
    )
    height: Annotated[int, Field(ge=1, le=16384)] | None = Field(
        None, description="Pixels; a camera is asked for 720 where this is not set."
    )
    fps: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="Frames per second; a camera is asked for 30 where this is not set."
    )
    fourcc: Annotated[str, Field(pattern=r"^(auto|.{4})$")] = Field(
        "auto",
        description="auto, or the four letters of a pixel format asked of a camera; auto takes "
        "MJPG above 640x480, except on macOS.",
    )
    deinterlace: Literal["auto", "off"] = Field(
        "auto",
        description="Files and streams: pictures that are flagged as interlaced are made "
        "progressive; off leaves them combed.",
    )
    rotate: Literal[0, 90, 180, 270, "auto"] = Field(
        0,
        description="Degrees clockwise that frames are turned, after the file's own rotation; auto "
        "turns by 180 where the first frames show people upside down.",
    )
    mirror: bool = Field(
        False, description="Swap left and right, as a mirror does, after the turn."
    )
    flip: bool = Field(False, description="Swap top and bottom, after the turn.")
    crop: str | None = Field(
        None,
        description="Part of the turned frame that is worked on, as LEFT,TOP,WIDTH,HEIGHT: shares "
        "of its sides (0.1,0,0.8,1) or whole pixels.",
    )
    zoom: Annotated[float, Field(ge=1, le=10)] = Field(
        1.0, description="Enlarges the middle of the frame, which keeps its size."
    )
    stall_s: Annotated[float, Field(gt=0, le=60)] = Field(
        3.0, description="A camera that gives no picture for this many seconds counts as lost."
    )
    reconnect_min_s: Annotated[float, Field(gt=0, le=60)] = Field(
        0.5, description="First pause before a lost camera is tried again; then it doubles."
    )
    reconnect_max_s: Annotated[float, Field(gt=0, le=600)] = Field(
        5.0, description="Longest pause between two tries."
    )

    @field_validator("crop")
    @classmethod
    def _a_box(cls, crop: str | None) -> str | None:
        if crop is not None:
            Box.parse(crop)
        return crop


class LimitsSettings(Section):
    """How large and how long an input or a background may be."""

    max_width: Annotated[int, Field(ge=1, le=65_535)] = Field(
        8192, description="Pixels; of videos, images and backgrounds."
    )
    max_height: Annotated[int, Field(ge=1, le=65_535)] = Field(
        8192, description="Pixels; of videos, images and backgrounds."
    )
    max_megapixels: Annotated[float, Field(gt=0, le=1000)] = Field(
        50.0, description="Million pixels of one picture; 8K video has 33."
    )
    max_hours: Annotated[float, Field(gt=0, le=100_000)] = Field(
        24.0, description="Length of a file; streams and cameras may go on for ever."
    )


class PipelineSettings(Section):
    """How the threads are joined."""

    live_depth: Annotated[int, Field(ge=1, le=2)] = Field(
        1, description="Frames that may wait in a queue, live; the oldest is dropped."
    )
    offline_depth: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Frames that may wait in a queue, offline; nothing is dropped."
    )
    hold_after_s: Annotated[float, Field(gt=0, le=10)] = Field(
        0.7, description="Live: without a new composite for this long, the placeholder shows."
    )
    max_failures: Annotated[int, Field(ge=1)] = Field(
        30, description="Live: failed mattes in a row before the run gives up."
    )
    sink_patience_s: Annotated[float, Field(ge=0, le=3600)] = Field(
        60.0,
        description="Live: a virtual camera that is gone, or an image that cannot be stored, is "
        "tried again for this many seconds before the output is given up.",
    )


class MattingSettings(Section):
    """Which matte a frame is composited with."""

    mode: Literal["auto", "sync", "async"] = Field(
        "auto",
        description="sync waits for each frame's own matte; async (live only) carries the newest "
        "matte to every frame along its motion; auto takes async where the network is slower than "
        "the camera.",
    )
    region: bool = Field(
        True,
        description="Show the network the part of the frame with the person instead of the whole, "
        "where that is clearly smaller; without a person in it, search parts of the frame.",
    )
    max_matte_age_ms: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1000.0, description="async: an older matte is not valid; the placeholder shows then."
    )


class LiveSettings(Section):
    """What a live run adapts to."""

    adapt: bool = Field(
        True, description="Take a smaller network input, then carried mattes, then fewer frames."
    )
    target_fps: Annotated[float, Field(gt=0, le=1000)] | None = Field(
        None, description="Wanted frames per second; the source's own where this is not set."
    )
    max_latency_ms: Annotated[float, Field(gt=0, le=10_000)] = Field(
        120.0, description="Wanted 95th percentile of the time from capture to output."
    )


class OutputSettings(Section):
    """What pictures go out, and how files are written."""

    size: str | None = Field(
        None,
        description="Size of the pictures of every output, as 1280x720; of 1280x and x720 the "
        "other side follows. Not set: as the frames are.",
    )
    fit: Literal["contain", "cover", "stretch"] = Field(
        "contain",
        description="Pictures of another shape than size: contain keeps all, with bars; cover "
        "crops; stretch distorts.",
    )
    rate: Annotated[float, Field(ge=1, le=240)] | None = Field(
        None,
        description="Constant pictures per second of every output: some are doubled or left out, "
        "sound stays as it is. Not set: each frame at its own time.",
    )
    codec: str = Field(
        "auto",
        description="FFmpeg encoder; auto: libx264 for mp4, mkv and mov, libvpx-vp9 for webm.",
    )
    crf: Annotated[int, Field(ge=0, le=63)] = Field(
        18,
        description="Constant quality as x264 counts it, for each encoder in its own unit; lower "
        "is better and larger, 0 is lossless where the encoder can be.",
    )
    preset: str = Field("medium", description="Speed preset of x264 and x265.")
    bits: Literal[8, 10] = Field(
        8,
        description="A channel, of encoders that have both. 10 makes auto take HEVC (WebM: AV1).",
    )
    alpha: Literal["straight", "premultiplied"] = Field(
        "straight",
        description="Colours of files with alpha: as they are, or multiplied by alpha.",
    )
    hdr: Literal["tone_map", "keep"] = Field(
        "tone_map",
        description="HLG and PQ video. tone_map: converted to BT.709; keep: worked on in its own "
        "space, and written with 10 bits as HEVC (WebM: AV1) where the file can hold that.",
    )
    icc: Literal["keep", "srgb"] = Field(
        "keep",
        description="Pictures: written in the input's ICC profile, or in sRGB.",
    )
    audio: Literal["copy", "exact", "none"] = Field(
        "copy",
        description="Sound of the input. copy: as it is where players of such files play it, else "
        "encoded again (PCM, DTS and Vorbis become AAC in mp4); exact: as it is wherever the file "
        "can hold it; none: no sound and no subtitles.",
    )
    metadata: Literal["safe", "keep"] = Field(
        "safe",
        description="Tags of the input. safe: all but those that say where it was made and with "
        "which device; keep: all.",
    )
    on_demand: bool = Field(
        False,
        description="Linux: camera and network rest while the virtual camera has no viewer.",
    )

    @field_validator("size")
    @classmethod
    def _a_size(cls, size: str | None) -> str | None:
        if size is not None:
            WantedSize.parse(size)
        return size


class HardwareSettings(Section):
    """What decodes and encodes files."""

    decode: Literal["auto", "none", "nvdec", "qsv", "vaapi", "videotoolbox", "d3d11va"] = Field(
        "auto",
        description="Files in; auto takes nvdec where the network runs on CUDA. What does not work "
        "here is done in software.",
    )
    encode: Literal["auto", "none", "nvenc", "qsv"] = Field(
        "auto",
        description="H.264 of mp4, mov and mkv where output.codec is auto; auto takes nvenc where "
        "the network runs on CUDA. What does not work here is done in software.",
    )


class VirtualCameraSettings(Section):
    """Which virtual camera is fed."""

    device: str | None = Field(
        None, description="Its name or path, for example /dev/video10; not set: the first free one."
    )
    backend: str | None = Field(
        None,
        description="pyvirtualcam's backend: v4l2loopback, obs, unitycapture; not set: any.",
    )
