"""Shares of pictures that are drawn in an unusual way, to teach what is rare."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Views(BaseModel):
    """Shares of pictures that differ from the usual: half a body pasted on any scene."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    full_frame: float = Field(
        0.0, ge=0, le=1, description="pictures of a camera shown as they were taken"
    )
    hard_fn: float = Field(
        0.0,
        ge=0,
        le=1,
        description="of `full_frame`: drawn by how much of the person the first weights miss",
    )
    distant: float = Field(0.0, ge=0, le=1, description="of those pasted: far from the camera")
    camouflage: float = Field(
        0.0, ge=0, le=1, description="scenes in a colour of the person pasted on them"
    )
    distractor: float = Field(
        0.0, ge=0, le=1, description="scenes with an object in a colour of a head right behind it"
    )
    distractor_striped: float = Field(
        0.0, ge=0, le=1, description="of `distractor`: blades, folds or stripes"
    )
    flyaway_hair: float = Field(
        0.0, ge=0, le=1, description="of those pasted: with loose strands of hair at the face"
    )
    letterbox: float = Field(
        0.3, ge=0, le=1, description="frames that a picture fills in part only"
    )
