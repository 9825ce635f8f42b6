"""From the text of `-b` to a background, or one clear error; `spec` knows what the text means."""

from pathlib import Path

from u2cam.effects.backgrounds.base import (
    Background,
    BlurBackground,
    ColourBackground,
    DesaturateBackground,
    ImageBackground,
    KeepBackground,
    PixelateBackground,
)
from u2cam.effects.backgrounds.images import (
    PICTURE_SUFFIXES,
    SlideShow,
    read_animation,
    read_picture,
    read_slides,
)
from u2cam.effects.backgrounds.procedural import built_in
from u2cam.effects.backgrounds.spec import (
    BuiltInSpec,
    ColourSpec,
    SceneSpec,
    hex_colour,
    understand,
)
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.settings import BackgroundSettings
from u2cam.imaging.picture_kind import is_animation, is_still, is_video, read_head


def parse_background(given: str, settings: BackgroundSettings) -> Background:
    """Make the background that a `-b` value asks for.

    Args:
        given: as of `spec.understand`.
        settings: fit, slide times and default strengths.

    Returns:
        The background, with everything read that can be refused.

    Raises:
        BackgroundError: not understood, not there, or not readable; one line.
    """
    spec = understand(given)
    if isinstance(spec, SceneSpec):
        return _scene(spec, settings)
    if isinstance(spec, ColourSpec):
        return ColourBackground(spec.rgb)
    if isinstance(spec, BuiltInSpec):
        return built_in(spec.name)
    if spec.path.is_dir():
        slides = read_slides(spec.path, hex_colour(settings.transparent))
        return SlideShow(slides, settings.slide_s, settings.crossfade_s, settings.fit)
    return _file(spec.path, settings)


def _scene(spec: SceneSpec, settings: BackgroundSettings) -> Background:
    if spec.name == "blur":
        return BlurBackground(spec.percent or settings.blur_percent, settings.blur_shape)
    if spec.name == "pixelate":
        return PixelateBackground(spec.percent or settings.pixelate_percent)
    return DesaturateBackground() if spec.name == "desaturate" else KeepBackground()


def _file(path: Path, settings: BackgroundSettings) -> Background:
    behind = hex_colour(settings.transparent)
    head = read_head(path)
    if is_animation(head):
        animation = read_animation(path, settings.fit, behind)
        if animation.frame_count > 1:
            return animation
    named_so = path.suffix.lower() in PICTURE_SUFFIXES and not is_video(head)
    if is_still(head) or is_animation(head) or named_so:
        return ImageBackground(read_picture(path, behind), settings.fit)
    # An absolute path cannot be mistaken for a protocol ("a:b.mp4").
    return VideoBackground(path.absolute(), settings.fit, behind)
