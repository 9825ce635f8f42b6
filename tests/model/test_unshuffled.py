"""The live network with its input laid out for a CPU is the same network."""

import numpy as np
import pytest
import torch

from model.fold import fold_batch_norm
from model.u2net_live import U2NetLive
from model.unshuffled import CELLS, UnshuffledLive, order_of_channels, unshuffle


@pytest.mark.parametrize("cell", CELLS)
def test_unshuffling_is_pytorchs_but_for_the_order_of_channels(cell: int) -> None:
    x = np.random.default_rng(0).random((1, 16, 24, 4), np.float32)
    got = np.empty((1, 16 // cell, 24 // cell, cell * cell * 4), np.float32)
    unshuffle(x, cell, got)
    planes = torch.pixel_unshuffle(torch.from_numpy(x).permute(0, 3, 1, 2), cell)
    wanted = planes[:, order_of_channels(4, cell)].permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(got, wanted)


def test_the_matte_is_the_networks_own_and_the_network_stays_as_it_was() -> None:
    torch.manual_seed(0)
    network = fold_batch_norm(U2NetLive().eval())
    assert isinstance(network, U2NetLive)
    x = np.random.default_rng(0).normal(0, 1, (1, 32, 64, 4)).astype(np.float32)
    planes = torch.from_numpy(x).permute(0, 3, 1, 2)
    inputs = [np.empty((1, 32 // n, 64 // n, n * n * 4), np.float32) for n in CELLS]
    for cell, room in zip(CELLS, inputs, strict=True):
        unshuffle(x, cell, room)
    with torch.inference_mode():
        before = network(planes)
        got = UnshuffledLive(network).eval()(*map(torch.from_numpy, inputs))
        torch.testing.assert_close(got, before, atol=1e-5, rtol=0)
        torch.testing.assert_close(network(planes), before)
