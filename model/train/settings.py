"""Settings of a training run; defaults live only here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from u2cam.model.datasets.views import Views

NetworkName = Literal["u2net_live", "u2netp", "u2net"]


class LossWeights(BaseModel):
    """How much each loss counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bce: float = Field(1.0, ge=0, description="binary cross-entropy of the fused matte")
    side: float = Field(0.25, ge=0, description="binary cross-entropy of every side output")
    l1: float = Field(1.0, ge=0, description="mean absolute error of the fused matte")
    laplacian: float = Field(1.0, ge=0, description="Laplacian pyramid of the fused matte")
    dice: float = Field(0.3, ge=0, description="soft Dice of the fused matte")
    temporal: float = Field(5.0, ge=0, description="temporal coherence of two frames of a clip")
    thin: float = Field(
        0.0, ge=0, description="how much more thin hair and narrow gaps count in all of these"
    )


Side = Annotated[int, Field(ge=32, multiple_of=4)]


class Phase(BaseModel):
    """A part of the curriculum: the sizes of its pictures, how many, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sizes_wh: tuple[tuple[Side, Side], ...] = Field(
        min_length=1, description="a batch has any with equal chance; validation has the first"
    )
    batch_size: int = Field(ge=2, multiple_of=2, description="frames in a batch")
    share: float = Field(gt=0, le=1, description="part of the run's progress")
    clip_every: int = Field(5, ge=1, description="one batch in this many holds clips")
    clip_frames: int = Field(2, ge=2, le=8, description="frames of such a clip")


class TrainSettings(BaseModel):
    """Everything that decides what a run computes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(description="data folder, see docs/training.md")
    soft_targets: Path | None = Field(None, description="folder of the teachers' labels")
    run: Path = Field(description="folder for checkpoints and logs")
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
    amp: Literal["off", "bf16", "fp16"] = "bf16"
    device: Literal["cpu", "cuda"] = "cpu"
    workers: int = Field(1, ge=0, description="loader processes; 0 draws in the main thread")
    processes: int = Field(1, ge=1, description="data-parallel processes, for a CPU")
    threads: int = Field(2, ge=1, description="torch threads of each process on the CPU")
    checkpoint_every_s: float = Field(120.0, gt=0, description="seconds between checkpoints")
    validate_every_s: float = Field(300.0, gt=0, description="seconds between validations")
    validation_frames: int = Field(96, ge=1)
    pictures_every_steps: int = Field(500, ge=1, description="steps between picture grids")
    tensorboard: bool = Field(False, description="write TensorBoard logs as well")
    losses: LossWeights = LossWeights()
    views: Views = Views()
    phases: tuple[Phase, ...] = (
        Phase(sizes_wh=((256, 144),), batch_size=32, share=0.7),
        Phase(sizes_wh=((512, 288),), batch_size=16, share=0.3, clip_every=3, clip_frames=3),
    )
