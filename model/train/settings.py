"""Settings of a training run; a recipe (`recipe.py`) gives those that decide what it computes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from u2cam.model.datasets.draw_settings import DrawSettings

NetworkName = Literal["u2net_live", "u2netp", "u2net"]


class LossWeights(BaseModel):
    """How much each loss counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bce: float = Field(1.0, ge=0, description="cross-entropy of the fused matte, where known")
    side: float = Field(0.25, ge=0, description="cross-entropy of every side output, where known")
    l1: float = Field(1.0, ge=0, description="absolute error where alpha is exact")
    core: float = Field(1.0, ge=0, description="absolute error in the core of masks and labels")
    laplacian: float = Field(1.0, ge=0, description="Laplacian pyramid where alpha is exact")
    ddc: float = Field(1.5, ge=0, description="distance consistency in the band of masks")
    temporal: float = Field(5.0, ge=0, description="change between frames, where known")


Side = Annotated[int, Field(ge=32, multiple_of=4)]


class Phase(BaseModel):
    """A part of the curriculum: the sizes of its pictures, how many, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sizes_wh: tuple[tuple[Side, Side], ...] = Field(
        min_length=1, description="a batch has any with equal chance; validation has the first"
    )
    batch_size: int = Field(ge=2, multiple_of=2, description="stills in a batch")
    share: float = Field(gt=0, le=1, description="part of the run's progress")
    clip_every: int = Field(5, ge=1, description="one batch in this many holds clips")
    clips: int = Field(4, ge=2, multiple_of=2, description="clips in such a batch")
    clip_frames: int = Field(4, ge=2, le=50, description="frames of a clip")


class TrainSettings(BaseModel):
    """Everything about a run; `MACHINE` says what changes nothing in what it computes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkName = "u2net_live"
    weights: Path | None = Field(None, description="start from these weights (fine-tuning)")
    gradient_checkpointing: bool = Field(False, description="U²-Net: less memory, more time")
    minutes: float | None = Field(None, gt=0, description="budget of computing time in minutes")
    steps: int | None = Field(None, ge=1, description="budget in steps; exactly reproducible")
    seed: int = Field(1, ge=0)
    learning_rate: float = Field(2e-3, gt=0, description="peak of AdamW")
    final_learning_rate: float = Field(1e-5, gt=0, description="at the end of the cosine")
    weight_decay: float = Field(1e-2, ge=0)
    warm_up_steps: int = Field(300, ge=1)
    ema_decay: float = Field(0.998, ge=0, lt=1, description="of the averaged weights, per step")
    clip_gradient_norm: float = Field(5.0, gt=0)
    truncate: int = Field(4, ge=1, description="frames of a clip that gradients run back through")
    bf16: bool = Field(True, description="compute in bfloat16")
    losses: LossWeights = LossWeights()
    draw: DrawSettings = DrawSettings()
    phases: tuple[Phase, ...] = (
        Phase(sizes_wh=((256, 144),), batch_size=32, share=0.6),
        Phase(sizes_wh=((512, 288),), batch_size=16, share=0.4, clip_every=3, clip_frames=8),
    )

    data: Path = Field(Path("data"), description="data folder, see docs/training.md")
    folders: dict[str, Path] = Field({}, description="sets that lie outside the data folder")
    run: Path = Field(description="folder for checkpoints and logs")
    device: Literal["cpu", "cuda"] = "cpu"
    workers: int = Field(1, ge=0, description="loader processes; 0 draws in the main thread")
    processes: int = Field(1, ge=1, description="data-parallel processes, for a CPU")
    threads: int = Field(2, ge=1, description="torch threads of each process on the CPU")
    checkpoint_every_s: float = Field(120.0, gt=0, description="seconds between checkpoints")
    validate_every_s: float = Field(600.0, gt=0, description="seconds between validations")
    validation_stills: int = Field(96, ge=1, description="and a sixth as many clips")
    pictures_every_steps: int = Field(500, ge=1, description="steps between picture grids")
    tensorboard: bool = Field(False, description="write TensorBoard logs as well")

    @model_validator(mode="after")
    def _one_budget(self) -> TrainSettings:
        if (self.minutes is None) == (self.steps is None):
            raise ValueError("a run needs a budget: either minutes or steps")
        return self


MACHINE = {
    "data", "folders", "run", "device", "workers", "processes", "threads", "checkpoint_every_s",
    "validate_every_s", "validation_stills", "pictures_every_steps", "tensorboard",
}  # fmt: skip
"""Fields that may differ when a run goes on."""
