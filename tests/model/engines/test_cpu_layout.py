"""The live network laid out for a CPU is the same network."""

import numpy as np
import pytest
import torch
from torch import nn

from u2cam.model.engines.cpu_layout import (
    CELLS,
    UnshuffledLive,
    order_of_channels,
    over_cells,
    shuffle,
    unshuffle,
)
from u2cam.model.inputs.recurrent_input import scale
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net_live import U2NetLive


@pytest.mark.parametrize("cell", CELLS)
def test_unshuffling_is_pytorchs_but_for_the_order_of_channels(cell: int) -> None:
    x = np.random.default_rng(0).integers(0, 256, (1, 16, 24, 4)).astype(np.uint8)
    got = np.empty((1, 16 // cell, 24 // cell, cell * cell * 4), np.uint8)
    unshuffle(x, cell, got)
    planes = torch.pixel_unshuffle(torch.from_numpy(x).permute(0, 3, 1, 2), cell)
    wanted = planes[:, order_of_channels(4, cell)].permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(got, wanted)


def test_shuffling_undoes_unshuffling() -> None:
    plane = np.random.default_rng(0).random((1, 16, 24, 1), np.float32)
    cells = np.empty((1, 4, 6, 16), np.float32)
    unshuffle(plane, 4, cells)
    np.testing.assert_array_equal(shuffle(cells[0], 4), plane[0, ..., 0])


def test_a_convolution_over_cells_is_the_same_at_every_pixel() -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(5, 4, 3, padding=1)
    x = torch.randn(1, 5, 12, 18)
    with torch.inference_mode():
        wanted = torch.pixel_shuffle(convolution(x), 2)[0, 0].numpy()
        cells = over_cells(convolution)(x)[0].permute(1, 2, 0).contiguous().numpy()
    np.testing.assert_allclose(shuffle(cells, 4), wanted, atol=1e-5)


def test_the_matte_is_the_networks_own_and_the_network_stays_as_it_was() -> None:
    torch.manual_seed(0)
    network = fold_batch_norm(U2NetLive().eval())
    assert isinstance(network, U2NetLive)
    x = np.random.default_rng(0).integers(0, 256, (1, 32, 64, 4)).astype(np.uint8)
    planes = scale(torch.from_numpy(x)).permute(0, 3, 1, 2)
    inputs = [np.empty((1, 32 // n, 64 // n, n * n * 4), np.uint8) for n in CELLS]
    for cell, room in zip(CELLS, inputs, strict=True):
        unshuffle(x, cell, room)
    with torch.inference_mode():
        before = network(planes)
        cells = UnshuffledLive(network).eval()(*map(torch.from_numpy, inputs))
        got = shuffle(cells[0].contiguous().numpy(), CELLS[0])
        np.testing.assert_allclose(got, before[0, 0].numpy(), atol=1e-5)
        torch.testing.assert_close(network(planes), before)
