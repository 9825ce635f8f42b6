"""Whole runs on a handful of drawn people."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.photo_library import Library
from u2cam.model.inputs.recurrent_input import feedback
from u2cam.model.train import checkpoint
from u2cam.model.train.data.batches import Batch
from u2cam.model.train.networks import build_network
from u2cam.model.train.settings import Phase, TrainSettings
from u2cam.model.train.trainer import Trainer
from u2cam.model.train.validation import draw_validation, score

PHASES = (
    Phase(sizes_wh=((32, 32),), batch_size=4, share=0.5, clip_every=2, clips=2, clip_frames=3),
    Phase(sizes_wh=((64, 32),), batch_size=4, share=0.5, clip_every=2, clips=2, clip_frames=3),
)
MEBIBYTE = 1 << 20


def settings(run: Path, **changes: Any) -> TrainSettings:
    """A run of a few steps in one process."""
    wanted: dict[str, Any] = {
        "run": run,
        "steps": 4,
        "workers": 0,
        "threads": 1,
        "bf16": False,
        "phases": PHASES,
        "validation_stills": 6,
        "warm_up_steps": 2,
    }
    if "minutes" in changes:
        del wanted["steps"]
    return TrainSettings(**(wanted | changes))


def train(wanted: TrainSettings, library: Library, resume: bool = False) -> dict[str, Tensor]:
    """Run from the settings' seed; returns the trained weights."""
    torch.manual_seed(wanted.seed)
    trainer = Trainer(wanted, build_network(wanted.network), library, None)
    if resume:
        trainer.resume(wanted.run / "last.pt")
    trainer.run()
    return {name: value.clone() for name, value in trainer.network.state_dict().items()}


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    """Whether all weights are equal to the last bit."""
    return all(torch.equal(one[name], two[name]) for name in one)


def clips_of(
    library: Library, tmp_path: Path, frames: int, **changes: Any
) -> tuple[Trainer, Batch]:
    """A trainer, and a batch of clips."""
    phase = Phase(
        sizes_wh=((64, 32),), batch_size=4, share=1, clip_every=1, clips=2, clip_frames=frames
    )
    steps = Steps(**dict.fromkeys(Steps.model_fields, 0.0))
    draw = DrawSettings(people={"keyed": 1.0}, photo=0, empty=0, steps=steps)
    wanted = settings(tmp_path, phases=(phase,), draw=draw, **changes)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    return trainer, trainer.draw(phase)[0]


def test_same_seed_gives_the_same_weights_and_another_seed_others(
    tmp_path: Path, library: Library
) -> None:
    first = train(settings(tmp_path / "a"), library)
    assert same(first, train(settings(tmp_path / "b"), library))
    assert not same(first, train(settings(tmp_path / "c", seed=2), library))


def test_resumed_run_ends_with_exactly_the_same_weights(tmp_path: Path, library: Library) -> None:
    uncut = train(settings(tmp_path / "uncut"), library)
    wanted = settings(tmp_path / "cut")
    torch.manual_seed(wanted.seed)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    trainer.train_step(next(trainer.batches(PHASES[0])))
    checkpoint.save_atomically(trainer.state(), tmp_path / "cut" / "last.pt")
    assert same(uncut, train(wanted, library, resume=True))


def test_a_folder_with_a_run_of_another_recipe_is_refused(tmp_path: Path, library: Library) -> None:
    trainer = Trainer(settings(tmp_path), build_network("u2net_live"), library, None)
    checkpoint.save_atomically(trainer.state(), tmp_path / "last.pt")
    Trainer(settings(tmp_path, threads=2), build_network("u2net_live"), library, None).resume(
        tmp_path / "last.pt"
    )
    other = Trainer(settings(tmp_path, seed=9), build_network("u2net_live"), library, None)
    with pytest.raises(ValueError, match=r"another recipe \(seed differs\); give another --run"):
        other.resume(tmp_path / "last.pt")


def test_run_passes_through_its_phases_and_validates_each(
    tmp_path: Path, library: Library, validation: Library
) -> None:
    Trainer(settings(tmp_path), build_network("u2net_live"), library, validation).run()
    state = checkpoint.load(tmp_path / "last.pt")
    assert (state["step"], state["phase"], state["samples"]) == (4, 1, 20)
    with (tmp_path / "log.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["val"]]
    assert [row["phase"] for row in rows] == ["0", "1"]
    mean = (float(rows[1]["val_mad"]) + float(rows[1]["val_core"])) / 2
    assert float(rows[1]["val"]) == pytest.approx(mean, abs=0.002)
    assert float(rows[1]["val_dtssd"]) > 0
    assert (tmp_path / "best.pt").is_file()


def test_checkpoints_are_small_enough_to_be_carried(tmp_path: Path, library: Library) -> None:
    train(settings(tmp_path, steps=2), library)
    assert all(path.stat().st_size < 16 * MEBIBYTE for path in tmp_path.glob("*.pt"))
    assert (tmp_path / "best.pt").is_file()


def test_training_learns_one_batch(library: Library, tmp_path: Path) -> None:
    wanted = settings(tmp_path, steps=14, learning_rate=5e-3)
    torch.manual_seed(0)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    batch = next(trainer.batches(PHASES[1]))
    losses = [float(trainer.train_step(batch)["loss"]) for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]


def test_clip_batches_add_the_temporal_loss(library: Library, tmp_path: Path) -> None:
    trainer = Trainer(settings(tmp_path), build_network("u2net_live"), library, None)
    draw = trainer.draw(PHASES[0])
    assert "temporal" not in trainer.backward(draw[0])
    assert "temporal" in trainer.backward(draw[1])


def test_the_recurrent_input_of_later_frames_is_what_a_run_feeds_back(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, batch = clips_of(library, tmp_path, 3)
    inputs: list[Tensor] = []
    given: list[Tensor] = []

    def forward(frames: Tensor, previous: Tensor) -> list[Tensor]:
        inputs.append(previous.detach())
        outputs = Trainer.forward(trainer, frames, previous)
        given.append(torch.sigmoid(outputs[0].detach()))
        return outputs

    monkeypatch.setattr(trainer, "forward", forward)
    trainer.backward(batch)
    assert len(inputs) == 3
    for later, earlier in zip(inputs[1:], given[:-1], strict=True):
        levels = torch.from_numpy(feedback(earlier.numpy()))
        assert torch.allclose(later, levels / 255, atol=0.51 / 255)


def test_a_lost_matte_is_not_fed_back(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, batch = clips_of(library, tmp_path, 3)
    batch["forget"][2, 1] = 1
    inputs: list[Tensor] = []

    def forward(frames: Tensor, previous: Tensor) -> list[Tensor]:
        inputs.append(previous.detach())
        shape = (frames.shape[0], 1, *frames.shape[2:])
        return [torch.full(shape, 5.0, requires_grad=True)]

    monkeypatch.setattr(trainer, "forward", forward)
    trainer.backward(batch)
    assert inputs[1].min() > 0.9 and inputs[2][0].min() > 0.9
    assert inputs[2][1].max() == 0


@pytest.mark.parametrize(("truncate", "reaches"), [(1, False), (3, True)])
def test_gradients_run_back_through_as_many_frames_as_wanted(
    truncate: int, reaches: bool, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, batch = clips_of(library, tmp_path, 3, truncate=truncate)
    first = torch.full((2, 1, 32, 64), 2.0, requires_grad=True)
    if batch["frames"].shape[3] == 64:
        first = torch.full((2, 1, 64, 32), 2.0, requires_grad=True)
    calls: list[Tensor] = []

    def forward(frames: Tensor, previous: Tensor) -> list[Tensor]:
        calls.append(previous)
        # Only what is fed back leads from later frames to the first one.
        return [first] if len(calls) == 1 else [previous * 2 + first.detach()]

    monkeypatch.setattr(trainer, "forward", forward)
    without_time = trainer.settings.losses.model_copy(update={"temporal": 0.0})
    object.__setattr__(trainer.settings, "losses", without_time)
    if truncate == 1:
        with pytest.raises(RuntimeError, match="does not require grad"):
            trainer.backward(batch)  # The later frames lead nowhere.
    else:
        trainer.backward(batch)
    assert calls[1].requires_grad == reaches


def test_the_gradient_of_a_clip_is_the_same_in_one_piece_or_several_where_nothing_is_fed_back(
    library: Library, tmp_path: Path
) -> None:
    gradients = []
    for truncate in (1, 4):
        torch.manual_seed(0)
        trainer, batch = clips_of(library, tmp_path, 4, truncate=truncate)
        without_time = trainer.settings.losses.model_copy(update={"temporal": 0.0})
        object.__setattr__(trainer.settings, "losses", without_time)
        batch["forget"][:] = 1
        trainer.backward(batch)
        gradients.append(
            [p.grad.clone() for p in trainer.network.parameters() if p.grad is not None]
        )
    for one, two in zip(*gradients, strict=True):
        assert torch.allclose(one, two, atol=1e-4, rtol=1e-3)


def test_validation_is_the_same_every_time_and_a_better_network_scores_lower(
    validation: Library,
) -> None:
    clips, again = (draw_validation(validation, (64, 36), 6) for _ in range(2))
    assert len(clips) == 6 + 1 + 2
    for one, two in zip(clips, again, strict=True):
        assert np.array_equal(one.frames, two.frames)

    class Grey(torch.nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = torch.nn.Parameter(torch.tensor(value))

        def forward(self, x: Tensor) -> Tensor:
            return self.value.expand(1, 1, *x.shape[2:])

    share = np.mean([(clip.alpha / 255).mean() for clip in clips])
    near, far = score(Grey(float(share)), clips), score(Grey(1 - float(share)), clips)
    assert near.value == pytest.approx((near.mad + near.core) / 2)
    assert (near.value < far.value) == (share < 0.5)
    assert near.dtssd > 0


def test_learning_rate_warms_up_and_falls_as_a_cosine(library: Library, tmp_path: Path) -> None:
    wanted = settings(tmp_path, steps=100, warm_up_steps=10)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    rates = []
    for step in range(101):
        trainer.step = step
        rates.append(trainer.learning_rate())
    assert rates[0] == pytest.approx(wanted.learning_rate / 10, rel=0.01)
    middle = (wanted.learning_rate + wanted.final_learning_rate) / 2
    assert rates[50] == pytest.approx(middle)
    assert rates[100] == pytest.approx(wanted.final_learning_rate)


def test_minutes_count_computing_time_only(library: Library, tmp_path: Path) -> None:
    wanted = settings(tmp_path, minutes=2.0)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    trainer.uncounted_s = 60.0
    trainer.synchronise()
    assert trainer.progress() == pytest.approx(0.5)


def test_the_official_networks_train_with_the_same_loop(tmp_path: Path, library: Library) -> None:
    wanted = settings(tmp_path, network="u2netp", steps=2)
    trainer = Trainer(wanted, build_network("u2netp", gradient_checkpointing=True), library, None)
    before = trainer.network.state_dict()["outconv.weight"].clone()
    trainer.run()
    assert not torch.equal(before, trainer.network.state_dict()["outconv.weight"])


def test_fine_tuning_starts_from_the_given_weights(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = build_network("u2net_live")
    torch.save(network.state_dict(), tmp_path / "start.pth")
    again = build_network("u2net_live", tmp_path / "start.pth")
    assert same(network.state_dict(), again.state_dict())
    assert again.training and all(p.requires_grad for p in again.parameters())


def test_live_network_refuses_gradient_checkpointing() -> None:
    with pytest.raises(ValueError, match="needs no gradient checkpointing"):
        build_network("u2net_live", gradient_checkpointing=True)


def test_progress_reaches_one_at_the_end(tmp_path: Path, library: Library) -> None:
    trainer = Trainer(settings(tmp_path, steps=2), build_network("u2net_live"), library, None)
    assert trainer.progress() == 0 and trainer.best == math.inf
    trainer.run()
    assert trainer.progress() == 1
