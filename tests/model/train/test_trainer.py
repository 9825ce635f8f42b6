"""Whole runs on a handful of drawn people."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views
from u2cam.model.inputs.recurrent_input import feedback
from u2cam.model.registry import find_spec
from u2cam.model.train import checkpoint
from u2cam.model.train.__main__ import main, phase
from u2cam.model.train.ema import EmaNetwork
from u2cam.model.train.export import export
from u2cam.model.train.networks import build_network
from u2cam.model.train.settings import LossWeights, Phase, TrainSettings
from u2cam.model.train.trainer import Trainer
from u2cam.model.weights import load_network

PHASES = (
    Phase(sizes_wh=((32, 32),), batch_size=4, share=0.5),
    Phase(sizes_wh=((64, 32),), batch_size=4, share=0.5),
)


def settings(run: Path, **changes: Any) -> TrainSettings:
    """A run of a few steps in one process."""
    wanted: dict[str, Any] = {
        "data": Path("unused"),
        "run": run,
        "steps": 4,
        "workers": 0,
        "threads": 1,
        "amp": "off",
        "phases": PHASES,
        "validation_frames": 2,
        "warm_up_steps": 2,
    }
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
    batches = trainer.batches(PHASES[0])
    trainer.train_step(next(batches))
    checkpoint.save_atomically(trainer.state(), tmp_path / "cut" / "last.pt")
    assert same(uncut, train(wanted, library, resume=True))


def test_run_passes_through_its_phases_and_validates_each(
    tmp_path: Path, library: Library, validation: Library
) -> None:
    wanted = settings(tmp_path)
    Trainer(wanted, build_network("u2net_live"), library, validation).run()
    state = checkpoint.load(tmp_path / "last.pt")
    assert (state["step"], state["phase"], state["samples"]) == (4, 1, 16)
    with (tmp_path / "log.csv").open() as file:
        errors = [row["val_mad_e3"] for row in csv.DictReader(file) if row["val_mad_e3"]]
    assert len(errors) == 2
    assert (tmp_path / "best_32.pt").is_file()


def test_training_learns_one_batch(library: Library, tmp_path: Path) -> None:
    wanted = settings(tmp_path, steps=14, learning_rate=5e-3)
    torch.manual_seed(0)
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    batch = next(trainer.batches(PHASES[1]))
    losses = [trainer.train_step(batch)["loss"] for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]


def test_clip_batches_add_the_temporal_loss(library: Library, tmp_path: Path) -> None:
    trainer = Trainer(settings(tmp_path), build_network("u2net_live"), library, None)
    draw = trainer.draw(PHASES[0])
    assert "temporal" not in trainer.losses(draw[0])
    assert "temporal" in trainer.losses(draw[PHASES[0].clip_every - 1])


@pytest.mark.parametrize(("thin", "counts"), [(0.0, 1), (4.0, 5)])
def test_thin_structures_count_more_where_asked_for(
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    thin: float,
    counts: int,
) -> None:
    wanted = settings(tmp_path, losses=LossWeights(thin=thin))
    trainer = Trainer(wanted, build_network("u2net_live"), library, None)
    batch = trainer.draw(PHASES[0])[0]
    strand = torch.zeros_like(batch["alpha"])
    strand[..., 5, :] = 255
    batch |= {"alpha": strand, "thin": strand, "weight": torch.full_like(strand, 255)}
    logits = [torch.full(strand.shape[1:], -2.0)] * 2
    monkeypatch.setattr(trainer, "forward", lambda frames, previous: logits)
    wrong, right, rows = math.log1p(math.exp(2)), math.log1p(math.exp(-2)), strand.shape[3]
    expected = (counts * wrong + (rows - 1) * right) / (counts + rows - 1)
    assert float(trainer.losses(batch)["bce"]) == pytest.approx(expected)


def test_the_recurrent_input_of_later_frames_is_what_a_run_feeds_back(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(settings(tmp_path), build_network("u2net_live"), library, None)
    inputs: list[Tensor] = []
    given: list[Tensor] = []

    def forward(frames: Tensor, previous: Tensor) -> list[Tensor]:
        inputs.append(previous)
        outputs = Trainer.forward(trainer, frames, previous)
        given.append(torch.sigmoid(outputs[0].detach()))
        return outputs

    monkeypatch.setattr(trainer, "forward", forward)
    phase = Phase(sizes_wh=((64, 32),), batch_size=6, share=1, clip_every=1, clip_frames=3)
    trainer.losses(trainer.draw(phase)[0])
    assert len(inputs) == 3
    for later, earlier in zip(inputs[1:], given[:-1], strict=True):
        levels = torch.from_numpy(feedback(earlier.numpy()))
        assert torch.allclose(later, levels / 255, atol=0.51 / 255)


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


def test_budget_is_minutes_or_steps_and_not_both(library: Library, tmp_path: Path) -> None:
    for changes in ({"steps": None}, {"minutes": 1.0}):
        with pytest.raises(ValueError, match="either --minutes or --steps"):
            Trainer(settings(tmp_path, **changes), build_network("u2net_live"), library, None)


def test_minutes_count_computing_time_only(library: Library, tmp_path: Path) -> None:
    trainer = Trainer(
        settings(tmp_path, steps=None, minutes=2.0), build_network("u2net_live"), library, None
    )
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


def test_average_follows_the_weights() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 0.0)
    average = EmaNetwork(network, decay=0.5)
    torch.nn.init.constant_(network.weight, 1.0)
    average.update(network)  # Early on it keeps only (1 + 1) / (10 + 1).
    assert average.network.weight.item() == pytest.approx(1 - 2 / 11)
    for _ in range(20):
        average.update(network)
    assert average.network.weight.item() == pytest.approx(1, abs=1e-3)


def test_failed_save_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    checkpoint.save_atomically({"step": 1}, path)
    with pytest.raises(Exception, match=r"pickle|Can't"):
        checkpoint.save_atomically({"step": lambda: None}, path)
    assert checkpoint.load(path)["step"] == 1


def test_resume_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="starts without --resume"):
        checkpoint.load(tmp_path / "last.pt")


def test_exported_weights_load_strictly_and_fit_the_limit(tmp_path: Path) -> None:
    network = build_network("u2net_live").eval()
    checkpoint.save_atomically({"average": network.state_dict()}, tmp_path / "best.pt")
    size, digest = export(tmp_path / "best.pt", tmp_path / "u2net_live.pth")
    assert size < 6_000_000 and len(digest) == 64
    loaded = load_network(find_spec("u2net_live"), tmp_path / "u2net_live.pth")
    x = torch.rand(1, 4, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(x), loaded(x), atol=2e-3)


def test_a_mean_of_before_and_after_is_weighted_by_the_share(tmp_path: Path) -> None:
    for name, value in (("before", 1.0), ("after", 3.0)):
        state = {"w": torch.full((2,), value), "steps": torch.tensor(int(value))}
        checkpoint.save_atomically({"average": state}, tmp_path / f"{name}.pt")
    out = tmp_path / "out.pth"
    export(tmp_path / "after.pt", out, tmp_path / "before.pt", 0.75)
    mean = torch.load(out, weights_only=True)
    assert mean["w"].tolist() == [2.5, 2.5]
    assert mean["steps"] == 3
    again = tmp_path / "again.pth"
    export(tmp_path / "after.pt", again, out, 0.5)  # Exported weights are something to begin with.
    assert torch.load(again, weights_only=True)["w"].tolist() == [2.75, 2.75]
    with pytest.raises(ValueError, match="--share"):
        export(tmp_path / "after.pt", out, tmp_path / "before.pt", 1.5)
    torch.save({"w": torch.ones(2)}, tmp_path / "bare.pt")
    with pytest.raises(ValueError, match=r"bare\.pt: no checkpoint"):
        export(tmp_path / "after.pt", out, tmp_path / "bare.pt", 0.5)
    checkpoint.save_atomically({"average": {"v": torch.ones(2)}}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="different networks"):
        export(tmp_path / "after.pt", out, tmp_path / "other.pt", 0.5)


def test_weights_too_large_for_half_precision_are_refused(tmp_path: Path) -> None:
    state = {"a": torch.tensor([1e6])}
    checkpoint.save_atomically({"average": state}, tmp_path / "best.pt")
    with pytest.raises(ValueError, match="a is too large"):
        export(tmp_path / "best.pt", tmp_path / "out.pth")


def test_command_trains_and_resumes(
    tmp_path: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--data", str(data_folder), "--run", str(tmp_path), "--workers", "0"]
    command += ["--threads", "1", "--phase", "32x32:4:1.0", "--loss", "dice=0"]
    command += ["--view", "full_frame=0.25", "--view", "distant=0.1"]
    assert main([*command, "--steps", "2"]) == 0
    used = TrainSettings.model_validate_json((tmp_path / "settings.json").read_text())
    assert used.views == Views(full_frame=0.25, distant=0.1)
    assert used.losses == LossWeights(dice=0)
    assert main([*command, "--steps", "3", "--resume"]) == 0
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 3
    assert "images/s in each of 1 processes" in capsys.readouterr().out


def test_a_phase_says_how_often_clips_come_and_how_long_they_are() -> None:
    assert phase("64x36:4:0.5:3x4") == Phase(
        sizes_wh=((64, 36),), batch_size=4, share=0.5, clip_every=3, clip_frames=4
    )
    assert phase("64x36,48x48:4:0.5").sizes_wh == ((64, 36), (48, 48))
    assert phase("64x36:4:0.5") == Phase(sizes_wh=((64, 36),), batch_size=4, share=0.5)


def test_command_labels_photos_and_trains_on_them(
    tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def teacher(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        return (rgb[..., 0] > 100).astype(np.float32)

    monkeypatch.setattr("u2cam.model.train.__main__.open_teachers", lambda names: [teacher])
    run, photos = tmp_path / "run", data_folder / "humanseg" / "images"
    command = ["--data", str(data_folder), "--run", str(run), "--workers", "0", "--threads", "1"]
    command += ["--phase", "32x32:4:1.0", "--steps", "1", "--view", "full_frame=1"]
    assert main([*command, "--teacher", "any", "--unlabelled", f"webcam:mine={photos}"]) == 0
    labels = sorted(path.name for path in (run / "soft_targets/webcam/mine").glob("*.alpha.png"))
    assert labels == ["0007.alpha.png", "0010.alpha.png"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--view", "hard_fn=0.5"), "--view hard_fn needs --weights"),
        (("--teacher", "u2netp"), "nothing to label; give --unlabelled or --clips"),
        (("--unlabelled", "webcam:a=b"), "need a --teacher"),
        (("--teacher", "u2netp", "--unlabelled", "talk=b"), "wanted KIND:NAME="),
        (("--soft-targets", "none"), "none: no folder of labels there"),
        (("--learning-rate", "-1"), "--learning-rate: Input should be greater than 0, got -1.0"),
    ],
)
def test_command_reports_mistakes_in_one_line(
    options: tuple[str, ...],
    message: str,
    tmp_path: Path,
    data_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = ["--data", str(data_folder), "--run", str(tmp_path / "r"), "--steps", "1"]
    assert main([*start, *options]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_command_refuses_a_folder_without_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--run", str(tmp_path / "r"), "--steps", "1"]) == 2
    assert "no training pictures" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--phase", "32x32"), "wanted WIDTHx"),
        (("--phase", "32x32,33x32:4:1"), "wanted WIDTHx"),
        (("--phase", "32x32:4:1.0:3"), "wanted WIDTHx"),
        (("--loss", "hinge=1"), "choose from"),
        (("--loss", "dice=much"), "wanted dice=NUMBER"),
        (("--view", "near=1"), "choose from"),
    ],
)
def test_command_explains_bad_options(
    option: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--data", "d", "--run", "r", "--steps", "1", *option])
    assert message in capsys.readouterr().err


def test_progress_reaches_one_at_the_end(tmp_path: Path, library: Library) -> None:
    trainer = Trainer(settings(tmp_path, steps=2), build_network("u2net_live"), library, None)
    assert trainer.progress() == 0 and trainer.best == math.inf
    trainer.run()
    assert trainer.progress() == 1
