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
from u2cam.model.train.batches import Batch, ClipBatches
from u2cam.model.train.checkpoint import State, load, save_atomically
from u2cam.model.train.ema import EmaNetwork
from u2cam.model.train.losses import masks_of, matting_loss, temporal_coherence
from u2cam.model.train.network_input import network_input, recurrent_input
from u2cam.model.train.picture_grid import save_grid
from u2cam.model.train.run_log import RunLog
from u2cam.model.train.settings import MACHINE, Phase, TrainSettings
from u2cam.model.train.validation import draw_validation, score

PREFETCH = 3
"""Batches that each loader process draws ahead; they lie in shared memory."""
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
        torch.set_num_threads(settings.threads)
        self.settings = settings
        self.library = library
        self.rank = rank
        self.validation = validation if rank == 0 else None
        self.device = torch.device(settings.device)
        torch.backends.cudnn.benchmark = True  # Few sizes, many steps.
        self.network = network.to(self.device).train()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = EmaNetwork(self.network, settings.ema_decay)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
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
            "torch_rng": torch.get_rng_state(),
            "settings": self.settings.model_dump_json(),
        } | {name: getattr(self, name) for name in COUNTERS}

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint file.

        Raises:
            ValueError: it is of another recipe.
        """
        state = load(path)
        mine = self.settings.model_dump(mode="json", exclude=MACHINE)
        theirs = TrainSettings.model_validate_json(state["settings"])
        for name, value in theirs.model_dump(mode="json", exclude=MACHINE).items():
            if mine[name] != value:
                raise ValueError(
                    f"{path.parent}: holds a run of another recipe ({name} differs); give another "
                    "--run, or delete the folder"
                )
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
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
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bf16):
            outputs: list[Tensor] = self.network(network_input(self.network, frames, previous))
        return outputs

    def backward(self, batch: Batch) -> dict[str, Tensor]:
        """Accumulate the gradients of a batch; returns the losses by name.

        In a clip, the recurrent input of a frame is the network's matte of the frame before.
        Gradients run back through `truncate` frames, so that memory does not grow with the clip.
        """
        total: dict[str, Tensor] = {}
        parts: dict[str, Tensor] = {}
        device, count = self.device, batch["frames"].shape[0]
        previous = batch["previous"].to(device).float() / 255
        before: tuple[Tensor, Tensor, Tensor] | None = None
        loss = torch.zeros((), device=device)
        for t in range(count):
            frames, regions, target, forget = (
                batch[name][t].to(device, non_blocking=True)
                for name in ("frames", "regions", "alpha", "forget")
            )
            target, masks = target.float() / 255, masks_of(regions)
            outputs = self.forward(frames, previous * (1 - forget.float()).view(-1, 1, 1, 1))
            rgb = frames.float() / 255
            parts = matting_loss(outputs, rgb, target, masks, self.settings.losses)
            alpha = torch.sigmoid(outputs[0].float())
            if before is not None:
                parts["temporal"] = self.settings.losses.temporal * temporal_coherence(
                    alpha, before[0], target, before[1], masks.known * before[2]
                )
            loss = loss + torch.stack(list(parts.values())).sum() / count
            for name, value in parts.items():
                total[name] = total.get(name, 0) + value.detach() / count
            before = (alpha, target, masks.known)
            previous = recurrent_input(alpha)
            if t + 1 == count or (t + 1) % self.settings.truncate == 0:
                loss.backward()  # type: ignore[no-untyped-call]
                loss = torch.zeros((), device=device)
                before = (alpha.detach(), target, masks.known)
                previous = previous.detach()
        return total

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        """Do one optimiser step and return the losses by name."""
        rate = self.learning_rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        parts = self.backward(batch)
        self.synchronise()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_gradient_norm)
        self.optimizer.step()
        self.average.update(self.network)
        self.step += 1
        self.phase_step += 1
        self.samples += frame_count(batch) * self.settings.processes
        return parts | {"loss": torch.stack(list(parts.values())).sum()}

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
            self.settings.draw,
            processes=self.settings.processes,
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
            prefetch_factor=PREFETCH if workers else None,
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
            self.best = math.inf  # Errors at two sizes cannot be compared: the last size decides.
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
        """Return pictures at the size of the phase; none without validation data."""
        if self.validation is None:
            return []
        size_wh, stills = phase.sizes_wh[0], self.settings.validation_stills
        return draw_validation(self.validation, size_wh, stills)

    def validate(self, clips: list[Clip], phase: Phase, log: RunLog) -> None:
        """Measure the averaged weights and keep them if they are the best of this phase."""
        weights = {"average": self.average.network.state_dict(), "step": self.step}
        if not clips:
            save_atomically(weights, self.settings.run / "best.pt")
            return
        result = score(self.average.network, clips)
        log.validation(self, result, phase.sizes_wh[0][1])
        if result.value < self.best:
            self.best = result.value
            save_atomically(weights, self.settings.run / "best.pt")


def frame_count(batch: Batch) -> int:
    """Return the number of frames in a batch, over all clips."""
    return batch["frames"].shape[0] * batch["frames"].shape[1]
