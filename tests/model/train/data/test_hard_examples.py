"""What a network loses of webcam pictures, and that these are drawn more often."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from u2cam.model.datasets import composite_clip as synthetic_clip
from u2cam.model.datasets.photo_library import Image, Library, Photo, make_photo
from u2cam.model.datasets.views import Views
from u2cam.model.networks.u2net_live import U2NetLive
from u2cam.model.train.data.hard_examples import with_lapses, wrong_share
from u2cam.model.train.settings import TrainSettings
from u2cam.model.train.trainer import Trainer


class SeesBrightThings(nn.Module):
    """Takes what is bright for the person."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.looks = 0

    def forward(self, x: Tensor) -> Tensor:
        self.looks += 1
        return (x[:, :1] > 0).float()


class LetsGo(U2NetLive):
    """Takes what is bright for the person; told anything, lets go of the left half of it."""

    def forward(self, x: Tensor) -> Tensor:
        seen = (x[:, :1] > 0).float()
        if x[:, 3:].any():
            seen[..., : seen.shape[-1] // 2] = 0
        return seen


def picture(name: str, dark_rows: int, weight: Image | None = None) -> Photo:
    """Somebody of 80 rows, bright but for the lowest `dark_rows`, before a dark wall."""
    rgb = np.zeros((160, 160, 3), np.uint8)
    alpha = np.zeros((160, 160), np.uint8)
    alpha[40:120, 40:120] = 255
    rgb[40 : 120 - dark_rows, 40:120] = 255
    photo = make_photo(name, "clip", rgb, alpha, weight)
    assert photo is not None
    return photo


@pytest.mark.parametrize(("dark_rows", "share"), [(0, 0.0), (20, 0.25), (80, 1.0)])
def test_what_is_dark_is_lost(dark_rows: int, share: float) -> None:
    network = SeesBrightThings()
    assert wrong_share(network, picture("talk_00000", dark_rows)) == pytest.approx(share, abs=0.02)


def test_what_goes_as_soon_as_it_is_known_is_lost() -> None:
    lost = wrong_share(LetsGo(), picture("talk_00000", 20))
    assert lost == pytest.approx(0.25 + 0.5 * 0.75, abs=0.02)


def test_a_network_without_a_memory_looks_once() -> None:
    network = SeesBrightThings()
    wrong_share(network, picture("talk_00000", 20))
    assert network.looks == 1


def test_what_is_hardly_believed_is_hardly_lost() -> None:
    weight = np.full((160, 160), 51, np.uint8)
    lost = wrong_share(SeesBrightThings(), picture("talk_00000", 40, weight))
    assert lost == pytest.approx(0.5 * 0.2, abs=0.01)


def test_nothing_is_lost_where_a_label_is_not_sure() -> None:
    rgb = np.zeros((160, 160, 3), np.uint8)
    photo = make_photo("talk_00000", "clip", rgb, np.full((160, 160), 200, np.uint8))
    assert photo is not None
    assert wrong_share(SeesBrightThings(), photo) == 0


def test_a_library_knows_its_webcam_pictures_and_the_network_goes_on_training() -> None:
    network = SeesBrightThings().train()
    people = {"clip": [picture("talk_00000", 20)], "ccp": [picture("0001", 20)]}
    library = with_lapses(network, Library(people, []))
    assert set(library.wrong) == {"talk_00000"}
    assert library.wrong["talk_00000"] == pytest.approx(0.25, abs=0.02)
    assert network.training


def test_pictures_of_which_much_is_lost_come_more_often_within_their_clip() -> None:
    people = [picture(f"talk_a_{index:05d}", 0) for index in range(4)]
    people += [picture("talk_b_00000", 0), picture("talk_b_00006", 0)]
    lost = {photo.name: 0.0 for photo in people} | {"talk_a_00001": 0.03, "talk_a_00002": 0.01}
    library = Library({"clip": people}, [], wrong=lost)

    def drawn(lost_share: float) -> list[str]:
        photos = [
            synthetic_clip.pick_whole(library, (64, 64), np.random.default_rng(seed), lost_share)
            for seed in range(400)
        ]
        return [photo.name for photo in photos if photo is not None]

    always = drawn(1.0)
    assert 160 < sum(name.startswith("talk_b") for name in always) < 240
    assert {name for name in always if name.startswith("talk_a")} == {
        "talk_a_00001",
        "talk_a_00002",
    }
    assert 2 < always.count("talk_a_00001") / always.count("talk_a_00002") < 4.5
    assert {photo.name for photo in people} == set(drawn(0.5))


@pytest.mark.parametrize(("views", "known"), [(Views(), 0), (Views(whole=0.5, lost=0.5), 1)])
def test_a_run_measures_what_is_lost_before_it_begins(
    tmp_path: Path, views: Views, known: int
) -> None:
    settings = TrainSettings(
        data=tmp_path, run=tmp_path, weights=tmp_path / "first.pth", steps=1, views=views
    )
    library = Library({"clip": [picture("talk_00000", 20)]}, [])
    assert len(Trainer(settings, SeesBrightThings(), library, None).library.wrong) == known
