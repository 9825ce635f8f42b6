"""What tests of whole runs share."""

from collections.abc import Iterator

import pytest
import torch

from u2cam.model.build import build_matter
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.settings import ModelSettings


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch with one thread: threads of a run that meet after every operation wait for long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def shipped_matter() -> RegionMatter:
    """The matter of a run without settings, on a CPU."""
    matter = build_matter(ModelSettings(name="u2net_live", device="cpu"), region=True)
    assert isinstance(matter, RegionMatter)
    return matter
