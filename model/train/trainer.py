"""The trainer: curriculum, optimiser, weight averaging, checkpoints, logs.

Runs in the main thread; batches come from loader processes. Progress runs from 0 to 1, by steps
(exactly reproducible) or by computing time (`minutes`); learning rate and phase follow it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils.data import DataLoader

from u2cam.model.datasets.composite_clip import Clip
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.checkpoint import State, load, save_atomically
from u2cam.model.train.data.batches import Batch, ClipBatches
from u2cam.model.train.data.hard_examples import with_errors
from u2cam.model.train.ema import EmaNetwork
from u2cam.model.train.losses import matting_loss, temporal_coherence
from u2cam.model.train.network_input import network_input
from u2cam.model.train.picture_grid import save_grid
from u2cam.model.train.run_log import RunLog
from u2cam.model.train.settings import Phase, TrainSettings
from u2cam.model.train.validation import draw_validation, mean_absolute_difference

ENDLESS = 10_000_000
"""More batches than any run draws: the loader of a phase never ends by itself."""
LONGEST_STEP_S = 10.0
"""A step longer than this was a suspended process; the rest is not counted as computing time."""
COUNTERS = ("step", "samples", "phase", "phase_step", "elapsed_s", "best")
"""The progress of a run, as it is kept in checkpoints."""


class Trainer:
    """One run: network, averaged copy, optimiser and progress."""

    def __init__(
        self,
        settings: TrainSettings,
        network: nn.Module,
        library: Library,
        validation: Library | None,
        rank: int = 0,
    ) -> None:
        """Prepare a run from scratch; `resume` continues one instead.

        Args:
            settings: what to compute.
            network: what to train; the same weights in every process.
            library: what to draw from.
            validation: what to validate on; None for no validation.
            rank: number of this process; those above 0 neither validate nor write.
        """
        if (settings.minutes is None) == (settings.steps is None):
            raise ValueError("training needs a budget: give either --minutes or --steps")
        if settings.views.hard_fn > 0 and settings.weights is None:
            raise ValueError("--view hard_fn needs --weights: a new network misses everything")
        torch.set_num_threads(settings.threads)
        self.settings = settings
        self.library = library
        if settings.views.hard_fn > 0:
            self.library = with_errors(network, library)
        self.rank = rank
        self.validation = validation if rank == 0 else None
        self.device = torch.device(settings.device)
        self.network = network.to(self.device).train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = EmaNetwork(self.network, settings.ema_decay)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self.scaler = torch.amp.GradScaler(
            settings.device, enabled=settings.amp == "fp16" and settings.device == "cuda"
        )
        self.step = 0
        self.samples = 0
        self.phase = 0
        self.phase_step = 0
        self.elapsed_s = 0.0
        self.uncounted_s = 0.0
        self.best = math.inf

    # -- state -----------------------------------------------------------------------------

    def state(self) -> State:
        """Return everything needed to go on, as tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "updates": self.average.updates,
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "torch_rng": torch.get_rng_state(),
            "settings": self.settings.model_dump_json(),
        } | {name: getattr(self, name) for name in COUNTERS}

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint file."""
        state = load(path)
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["torch_rng"])
        for name in COUNTERS:
            setattr(self, name, state[name])

    # -- schedule --------------------------------------------------------------------------

    def progress(self) -> float:
        """Return how much of the budget is spent, 0 to 1."""
        if self.settings.steps is not None:
            return self.step / self.settings.steps
        assert self.settings.minutes is not None
        return self.elapsed_s / (self.settings.minutes * 60)

    def phase_end(self) -> float:
        """Return the progress at which the present phase is over."""
        shares = [phase.share for phase in self.settings.phases]
        return sum(shares[: self.phase + 1]) / sum(shares)

    def learning_rate(self) -> float:
        """Return the present rate: linear warm-up, then a cosine over the whole run."""
        s = self.settings
        warm = min(1.0, (self.step + 1) / s.warm_up_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress())))
        return warm * (s.final_learning_rate + (s.learning_rate - s.final_learning_rate) * cosine)

    # -- computing -------------------------------------------------------------------------

    def forward(self, frames: Tensor, previous: Tensor) -> list[Tensor]:
        """Return the logits of one frame, fused first, under the chosen precision."""
        dtype = torch.float16 if self.settings.amp == "fp16" else torch.bfloat16
        with torch.autocast(self.device.type, dtype, enabled=self.settings.amp != "off"):
            outputs: list[Tensor] = self.network(network_input(self.network, frames, previous))
        return outputs

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses of a batch.

        In a clip, the recurrent input of a frame is the network's matte of the frame before.
        """
        total: dict[str, Tensor] = {}
        previous = batch["previous"].to(self.device)
        before: tuple[Tensor, Tensor] | None = None
        count = batch["frames"].shape[0]
        for t in range(count):
            frames = batch["frames"][t].to(self.device)
            target = batch["alpha"][t].to(self.device).float() / 255
            thin = batch["thin"][t].to(self.device).float() / 255
            weight = batch["weight"][t].to(self.device).float() / 255
            weight = weight * (1 + self.settings.losses.thin * thin)
            outputs = self.forward(frames, previous)
            parts = matting_loss(outputs, target, weight, self.settings.losses)
            alpha = torch.sigmoid(outputs[0].float())
            if before is not None:
                parts["temporal"] = self.settings.losses.temporal * temporal_coherence(
                    alpha, before[0], target, before[1], weight
                )
            for name, value in parts.items():
                total[name] = total.get(name, value.new_zeros(())) + value / count
            before = (alpha, target)
            previous = (alpha.detach() * 2 - 1).clamp(0, 1)  # as in model/inputs/recurrent_input.py
        return total

    def train_step(self, batch: Batch) -> dict[str, float]:
        """Do one optimiser step and return the losses by name."""
        rate = self.learning_rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        parts = self.losses(batch)
        loss = torch.stack(list(parts.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.unscale_(self.optimizer)
        self.synchronise()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_gradient_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.average.update(self.network)
        self.step += 1
        self.phase_step += 1
        self.samples += frame_count(batch) * self.settings.processes
        return {name: float(value.detach()) for name, value in parts.items()} | {
            "loss": float(loss.detach())
        }

    def synchronise(self) -> None:
        """Average gradients and computing time over the processes of the run.

        One exchange a step; on a busy CPU this wastes far less than two threads that meet after
        every operation (measured: 2.4 s against 1.0 s for 32 frames).
        """
        spent_s = self.elapsed_s + self.uncounted_s
        self.uncounted_s = 0.0
        if self.settings.processes == 1:
            self.elapsed_s = spent_s
            return
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        values = [*gradients, torch.tensor([spent_s])]
        flat = torch.cat([value.flatten() for value in values])
        dist.all_reduce(flat)
        flat /= self.settings.processes
        for value, mean in zip(values, torch.split(flat, [v.numel() for v in values]), strict=True):
            value.copy_(mean.view_as(value))
        self.elapsed_s = float(values[-1])

    def draw(self, phase: Phase) -> ClipBatches:
        """Return the batches of a phase for this process."""
        return ClipBatches(
            self.library,
            phase,
            self.settings.views,
            batch_size=phase.batch_size // self.settings.processes,
            seed=(self.settings.seed, self.phase, self.rank),
            count=ENDLESS,
        )

    def batches(self, phase: Phase) -> Iterator[Batch]:
        """Return the rest of the phase's batches, from where the run is now."""
        workers = self.settings.workers
        loader: DataLoader[Batch] = DataLoader(
            self.draw(phase),
            batch_size=None,
            sampler=range(self.phase_step, ENDLESS),
            num_workers=workers,
            prefetch_factor=6 if workers else None,
            pin_memory=self.settings.device == "cuda",
        )
        return iter(loader)

    # -- running ---------------------------------------------------------------------------

    def run(self) -> None:
        """Train until the budget is spent, with checkpoints, validation and logs on the way."""
        s = self.settings
        s.run.mkdir(parents=True, exist_ok=True)
        log = None
        if self.rank == 0:
            (s.run / "settings.json").write_text(s.model_dump_json(indent=2))
            log = RunLog(s.run, from_step=self.step, tensorboard=s.tensorboard)
            self.report_loader_speed(log)
        last_checkpoint_s = last_validation_s = time.monotonic()
        while self.progress() < 1:
            phase = s.phases[self.phase]
            check = self.validation_clips(phase)
            batches = self.batches(phase)
            while self.progress() < min(1.0, self.phase_end()):
                begin = time.monotonic()
                batch = next(batches)
                waited_s = time.monotonic() - begin
                parts = self.train_step(batch)
                step_s = time.monotonic() - begin
                self.uncounted_s += min(step_s, LONGEST_STEP_S)
                if log is None:
                    continue
                frames = frame_count(batch) * s.processes
                log.add(self, parts, frames, step_s, waited_s)
                if self.step % s.pictures_every_steps == 0:
                    self.save_pictures(batch)
                if time.monotonic() - last_validation_s > s.validate_every_s:
                    self.validate(check, phase, log)
                    last_validation_s = time.monotonic()
                if time.monotonic() - last_checkpoint_s > s.checkpoint_every_s:
                    save_atomically(self.state(), s.run / "last.pt")
                    last_checkpoint_s = time.monotonic()
            if log is not None:
                self.validate(check, phase, log)
            if self.phase + 1 == len(s.phases):
                break
            self.phase += 1
            self.phase_step = 0
            self.best = math.inf  # Errors at two sizes cannot be compared.
        if log is not None:
            save_atomically(self.state(), s.run / "last.pt")
            log.close()

    def report_loader_speed(self, log: RunLog) -> None:
        """Log how many images a second one loader process draws; the step must not be faster."""
        phase = self.settings.phases[self.phase]
        begin = time.monotonic()
        batch = self.draw(phase)[self.phase_step]
        drawn_s = time.monotonic() - begin
        log.print(
            f"loader {frame_count(batch) / drawn_s:.0f} images/s in each of "
            f"{max(1, self.settings.workers) * self.settings.processes} processes"
        )

    @torch.no_grad()
    def save_pictures(self, batch: Batch) -> None:
        """Write a grid of this batch with the averaged network's mattes."""
        network = self.average.network
        x = network_input(
            network, batch["frames"][0].to(self.device), batch["previous"].to(self.device)
        )
        save_grid(batch, network(x).float(), self.settings.run / f"grid_{self.step:06d}.jpg")

    def validation_clips(self, phase: Phase) -> list[Clip]:
        """Return composites at the size of the phase; none without validation data."""
        if self.validation is None:
            return []
        return draw_validation(self.validation, phase.sizes_wh[0], self.settings.validation_frames)

    def validate(self, clips: list[Clip], phase: Phase, log: RunLog) -> None:
        """Measure the averaged weights and keep them if they are the best of this phase."""
        if not clips:
            return
        mad = mean_absolute_difference(self.average.network, clips)
        _, height_px = phase.sizes_wh[0]
        log.validation(self, mad, height_px)
        weights = {"average": self.average.network.state_dict(), "mad": mad, "step": self.step}
        save_atomically(weights, self.settings.run / f"step_{self.step:06d}.pt")
        if mad < self.best:
            self.best = mad
            save_atomically(weights, self.settings.run / f"best_{height_px}.pt")


def frame_count(batch: Batch) -> int:
    """Return the number of frames in a batch, over all clips."""
    return batch["frames"].shape[0] * batch["frames"].shape[1]
