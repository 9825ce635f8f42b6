"""How much of a person a network misses in a camera picture, measured before a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from u2cam.model.datasets.photo import Image, Photo, make_photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views
from u2cam.model.networks.u2net_live import U2NetLive
from u2cam.model.train.data.hard_examples import missed_share, with_errors
from u2cam.model.train.settings import TrainSettings
from u2cam.model.train.trainer import Trainer


class FindsBrightPixels(nn.Module):
    """Finds a person wherever the picture is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.passes = 0

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        return (x[:, :1] > 0).float()


class LosesTheLeftHalf(U2NetLive):
    """Finds bright pixels; with any recurrent input not those of the left half."""

    def forward(self, x: Tensor) -> Tensor:
        found = (x[:, :1] > 0).float()
        if x[:, 3:].any():
            found[..., : found.shape[-1] // 2] = 0
        return found


def picture(dark_rows: int, weight: Image | None = None, kind: str = "video") -> Photo:
    """A person of 80 rows, bright but for the lowest `dark_rows`, in front of a dark wall."""
    rgb = np.zeros((160, 160, 3), np.uint8)
    alpha = np.zeros((160, 160), np.uint8)
    alpha[40:120, 40:120] = 255
    rgb[40 : 120 - dark_rows, 40:120] = 255
    photo = make_photo(f"{kind}/a/1", kind, rgb, alpha, weight)
    assert photo is not None
    return photo


@pytest.mark.parametrize(("dark_rows", "share"), [(0, 0.0), (20, 0.25), (80, 1.0)])
def test_the_missed_share_is_the_part_of_the_person_that_is_not_found(
    dark_rows: int, share: float
) -> None:
    assert missed_share(FindsBrightPixels(), picture(dark_rows)) == pytest.approx(share, abs=0.02)


def test_what_the_network_loses_with_its_own_matte_as_input_is_missed() -> None:
    missed = missed_share(LosesTheLeftHalf(), picture(20))
    assert missed == pytest.approx(0.25 + 0.5 * 0.75, abs=0.02)


def test_a_network_without_recurrent_input_runs_once() -> None:
    network = FindsBrightPixels()
    missed_share(network, picture(20))
    assert network.passes == 1


def test_missed_pixels_count_by_their_label_weight() -> None:
    weight = np.full((160, 160), 51, np.uint8)
    missed = missed_share(FindsBrightPixels(), picture(40, weight))
    assert missed == pytest.approx(0.5 * 0.2, abs=0.01)


def test_nothing_is_missed_where_the_label_is_not_opaque() -> None:
    rgb = np.zeros((160, 160, 3), np.uint8)
    photo = make_photo("video/a/1", "video", rgb, np.full((160, 160), 200, np.uint8))
    assert photo is not None
    assert missed_share(FindsBrightPixels(), photo) == 0


def test_errors_are_measured_of_camera_pictures_and_the_network_stays_in_training_mode() -> None:
    network = FindsBrightPixels().train()
    people = {"video": [picture(20)], "ccp": [picture(20, kind="ccp")]}
    library = with_errors(network, Library(people, []))
    assert set(library.error) == {"video/a/1"}
    assert library.error["video/a/1"] == pytest.approx(0.25, abs=0.02)
    assert network.training


@pytest.mark.parametrize(
    ("views", "measured"), [(Views(), 0), (Views(full_frame=0.5, hard_fn=0.5), 1)]
)
def test_a_run_measures_errors_before_it_begins_where_asked_for(
    tmp_path: Path, views: Views, measured: int
) -> None:
    settings = TrainSettings(
        data=tmp_path, run=tmp_path, weights=tmp_path / "first.pth", steps=1, views=views
    )
    library = Library({"video": [picture(20)]}, [])
    trainer = Trainer(settings, FindsBrightPixels(), library, None)
    assert len(trainer.library.error) == measured
