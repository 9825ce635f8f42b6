"""Shares of pictures that are drawn in an unusual way."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Views(BaseModel):
    """Shares of pictures that differ from the usual: half a body pasted on any scene."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    whole: float = Field(0.0, ge=0, le=1, description="webcam pictures shown as they were taken")
    lost: float = Field(
        0.0, ge=0, le=1, description="those of `whole` drawn by what the first weights lose of them"
    )
    far: float = Field(0.0, ge=0, le=1, description="far people among those pasted")
    alike: float = Field(
        0.0, ge=0, le=1, description="scenes in a colour of those pasted before them"
    )
    beside: float = Field(
        0.0, ge=0, le=1, description="scenes with something in a colour of a head right behind it"
    )
    streaked: float = Field(
        0.0, ge=0, le=1, description="of what is `beside` a head: blades, folds or stripes"
    )
    loose: float = Field(
        0.0, ge=0, le=1, description="of those pasted: with loose strands of hair beside the face"
    )
    bars: float = Field(0.3, ge=0, le=1, description="frames that a picture fills in part only")
