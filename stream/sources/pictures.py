"""Which source reads a path: the contents decide between pictures and videos, not the name."""

from pathlib import Path

from u2cam.imaging.picture_kind import is_animation, is_still, is_video, picture_kind, read_head
from u2cam.stream.media.numbered_name import IMAGE_SUFFIXES, NumberedName
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.images import ImageSource


def is_still_file(path: Path) -> bool:
    """True for a file that holds one picture."""
    head = read_head(path)
    named_so = path.suffix.lower() in IMAGE_SUFFIXES and not is_video(head)
    return path.is_file() and not is_animation(head) and (named_so or is_still(head))


def picture_source(
    given: str, *, fps: float | None, limits: LimitsSettings
) -> ImageSource | AnimationSource | None:
    """Return the source, not yet opened, for a picture, a sequence or an animation.

    Args:
        given: a path: a file, a folder of pictures, or a pattern such as `%04d.png`.
        fps: of sequences.
        limits: what is refused as too large or too long.

    Returns: None for what is a video, or a GIF, which FFmpeg reads with its transparent parts.
    """
    path = Path(given)
    if path.is_dir() or NumberedName.meant_by(path) is not None:
        return ImageSource(given, fps=fps, limits=limits)
    head = read_head(path)
    if is_animation(head):
        by_ffmpeg = picture_kind(head) == "gif"
        return None if by_ffmpeg else AnimationSource(given, limits=limits)
    named_so = path.suffix.lower() in IMAGE_SUFFIXES and not is_video(head)
    return ImageSource(given, fps=fps, limits=limits) if named_so or is_still(head) else None
