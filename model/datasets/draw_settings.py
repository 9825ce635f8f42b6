"""What a run draws, and how often; a recipe sets these by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from u2cam.model.datasets.sources import PEOPLE, SCENES

Share = Annotated[float, Field(ge=0, le=1)]


class Steps(BaseModel):
    """How often each augmentation is taken. All are independent: see `draws.py`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The scene, before the person is in it (`scenery.py`).
    furniture: Share = Field(0.3, description="objects of one colour or a scene's texture")
    halves: Share = Field(0.07, description="another scene on one side: doors, partitions")
    poster: Share = Field(0.06, description="a picture or a screen that shows a person")
    objects: Share = Field(0.15, description="of the set `objects`, which look like people")
    scene_blur: Share = Field(0.35, description="out of focus")
    scene_tone: Share = Field(0.5, description="another tone than the person's")
    scene_hue: Share = Field(0.1, description="colour channels exchanged")
    camouflage: Share = Field(0.06, description="little contrast and a colour of the person")
    # The person, and the light on both (`light.py`).
    person_tone: Share = Field(0.4, description="another tone than the scene's")
    agreement: Share = Field(0.5, description="mean and variance moved towards the scene's")
    rim: Share = Field(0.2, description="the scene's light on one side of the person")
    shadow: Share = Field(0.25, description="of the person on the scene")
    # Time (`motion.py`); clips only.
    pause: Share = Field(0.3, description="the picture stands still for a while")
    skip: Share = Field(0.3, description="frames are missing")
    still_scene: Share = Field(0.5, description="a camera on a stand")
    drop_out: Share = Field(0.08, description="the camera delivers a frame or two of nothing")
    forget: Share = Field(0.1, description="the previous matte is lost once")
    # The camera (`camera.py`).
    tone: Share = Field(0.9, description="brightness, contrast, gamma, white balance")
    exposure_drift: Share = Field(0.3, description="clips only: automatic exposure at work")
    low_light: Share = Field(0.1, description="dim, warm, with more noise")
    grey: Share = Field(0.03, description="no colours")
    resolution: Share = Field(0.15, description="fewer pixels than it delivers")
    blur: Share = Field(0.15, description="out of focus")
    shake: Share = Field(0.08, description="blurred along a line")
    noise: Share = Field(0.5, description="of the sensor")
    jpeg: Share = Field(0.35, description="compressed, with halved chroma")
    letterbox: Share = Field(0.12, description="bars beside a picture of another shape")


class DrawSettings(BaseModel):
    """From which sets pictures are drawn, and what happens to them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: dict[str, float] = Field(
        {"keyed": 0.35, "rendered": 0.25, "rendered_clips": 0.1, "ccp": 0.2, "labels": 0.1},
        description="share of each set of people",
    )
    scenes: dict[str, float] = Field(
        {
            "photographs": 0.35,
            "panoramas": 0.2,
            "rooms": 0.15,
            "own": 0.15,
            "negatives": 0.05,
            "wall": 0.1,
        },
        description="share of each set of scenes",
    )
    photo: Share = Field(0.25, description="photographs as they are, in their own scene")
    empty: Share = Field(0.05, description="scenes without people")
    second_person: Share = Field(0.12, description="of the pasted")
    mask_edges: bool = Field(
        False, description="take the feathered edge of a hand-made mask for alpha; for comparisons"
    )
    steps: Steps = Steps()

    @field_validator("people", "scenes")
    @classmethod
    def _known(cls, shares: dict[str, float]) -> dict[str, float]:
        for name, share in shares.items():
            if name not in (*PEOPLE, *SCENES):
                raise ValueError(f"no set {name!r}; choose from {', '.join((*PEOPLE, *SCENES))}")
            if share < 0:
                raise ValueError(f"{name}: a share is not negative, got {share}")
        return shares

    def wanted(self) -> set[str]:
        """Return the names of the sets that are drawn from."""
        steps = {"objects"} if self.steps.objects > 0 else set()
        return steps | {name for name, share in (self.people | self.scenes).items() if share > 0}
