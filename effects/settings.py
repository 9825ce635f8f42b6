"""Settings of matte, colour and background. Defaults live here and nowhere else.

Lengths in pixels mean pixels of a frame 1080 high and scale with the frame, so that a setting
looks the same at every size.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from u2cam.core.section import Section
from u2cam.effects.placement import Placement


class MatteSettings(Section):
    """From the network's matte to alpha."""

    low: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.02, description="Matte values up to this become exactly 0; must be less than high."
    )
    high: Annotated[float, Field(gt=0, le=1)] = Field(
        0.98, description="Matte values from this on become exactly 1."
    )
    shift_px: Annotated[float, Field(ge=-100, le=100)] = Field(
        0.0, description="Moves the edge outwards; negative moves it inwards. Pixels at 1080p."
    )
    feather_px: Annotated[float, Field(ge=0, le=200)] = Field(
        0.0, description="Width over which the edge is softened. Pixels at 1080p; 0 is off."
    )
    min_island: Annotated[float, Field(ge=0, le=1)] = Field(
        0.03,
        description="Smaller parts, as share of the largest, are removed; 0 keeps all.",
    )
    max_hole: Annotated[float, Field(ge=0, le=1)] = Field(
        0.002, description="Smaller holes, as share of the largest part, are filled; 0 fills none."
    )
    refine: Literal["guided", "off"] = Field(
        "guided", description="How edges are fitted to the frame; off is bilinear resizing."
    )
    refine_radius_px: Annotated[float, Field(gt=0, le=200)] = Field(
        22.0, description="Reach of the refinement. Pixels at 1080p."
    )
    refine_eps: Annotated[float, Field(gt=0, le=1)] = Field(
        7e-5,
        description="Guided filter: variance of a colour in [0, 1] that counts as edge.",
    )
    smoothing: Literal["flow", "off"] = Field(
        "flow",
        description="Averages mattes over time along the optical flow; off takes each as it is.",
    )
    smoothing_s: Annotated[float, Field(gt=0, le=5)] = Field(
        0.2, description="Time constant of the smoothing where nothing moves, in seconds."
    )
    scene_cuts: bool = Field(
        True, description="Forget smoothing and earlier mattes when the scene changes at once."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "MatteSettings":
        if self.low >= self.high:
            raise ValueError(f"low = {self.low} must be less than high = {self.high}")
        return self


class ColorSettings(Section):
    """Colours of the person against the new background."""

    foreground: Literal["blur_fusion", "off"] = Field(
        "blur_fusion", description="Removes the old background's colour from soft edges."
    )
    light_wrap: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="Strength with which the new background shines over the edge; 0 is off."
    )
    light_wrap_px: Annotated[float, Field(gt=0, le=200)] = Field(
        24.0, description="Reach of the light wrap. Pixels at 1080p."
    )
    match: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="Fits exposure and white balance to the new background; 0 is off."
    )
    linear_light: bool = Field(False, description="Blend linear light instead of gamma values.")


class BackgroundSettings(Section):
    """How backgrounds are fitted and made, and where the person stands over them."""

    fit: Literal["cover", "contain", "stretch"] = Field(
        "cover", description="cover fills and crops, contain fits with bars, stretch distorts."
    )
    blur_percent: Annotated[float, Field(gt=0, le=20)] = Field(
        3.0, description="Strength of blur where -b blur gives none, in percent of frame height."
    )
    blur_shape: Literal["gaussian", "disc"] = Field(
        "gaussian", description="disc blurs as a lens does: bright points become discs."
    )
    pixelate_percent: Annotated[float, Field(gt=0, le=50)] = Field(
        4.0, description="Edge of a pixelate block, in percent of frame height."
    )
    transparent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = Field(
        "#000000",
        description="#RRGGBB: the colour behind transparent parts of a background's own picture.",
    )
    slide_s: Annotated[float, Field(gt=0, le=86400)] = Field(
        12.0, description="Slide show: seconds from one picture to the next."
    )
    crossfade_s: Annotated[float, Field(ge=0, le=60)] = Field(
        1.5, description="Slide show: seconds of the cross-fade."
    )
    place: str | None = Field(
        None,
        description="The person smaller, over a replaced background: SCALE,bottom|center|top,"
        "left|center|right, as 0.7,bottom,left; the scale is 0.1 to 1.",
    )

    @field_validator("place")
    @classmethod
    def _a_placement(cls, place: str | None) -> str | None:
        if place is not None:
            Placement.parse(place)
        return place

    @property
    def placement(self) -> Placement | None:
        """What `place` says; None where the person stays where it is."""
        placement = None if self.place is None else Placement.parse(self.place)
        return None if placement is None or placement.scale == 1 else placement


class HoldingSettings(Section):
    """The picture that stands in while there is no valid matte."""

    text: Annotated[str, Field(max_length=80)] = Field(
        "Camera paused", description="Text in its middle, ASCII; empty for none."
    )


class EffectsSettings(Section):
    """Everything that renderers and presentation need."""

    matte: MatteSettings = MatteSettings()
    color: ColorSettings = ColorSettings()
    background: BackgroundSettings = BackgroundSettings()
    holding: HoldingSettings = HoldingSettings()
