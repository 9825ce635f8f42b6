"""The live network's shapes, modes and size."""

import pytest
import torch

from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net_live import STRIDE_PX, U2NetLive


@pytest.mark.parametrize(("height", "width"), [(144, 256), (64, 36), (100, 60)])
def test_eval_gives_probabilities_of_the_input_size(height: int, width: int) -> None:
    network = U2NetLive().eval()
    with torch.inference_mode():
        alpha = network(torch.randn(2, 4, height, width))
    assert isinstance(alpha, torch.Tensor)
    assert alpha.shape == (2, 1, height, width)
    assert alpha.min() >= 0 and alpha.max() <= 1


def test_train_gives_logits_fused_first() -> None:
    outputs = U2NetLive().train()(torch.randn(2, 4, 64, 128))
    assert [tuple(o.shape[2:]) for o in outputs] == [
        (64, 128), (16, 32), (8, 16), (4, 8), (2, 4),
    ]  # fmt: skip


def test_network_is_small_enough_to_ship() -> None:
    network = U2NetLive()
    assert sum(p.numel() for p in network.parameters()) <= 1_500_000
    assert sum(v.numel() * 4 for v in network.state_dict().values()) <= 6_000_000


def test_every_batch_norm_folds_and_the_matte_stays() -> None:
    torch.manual_seed(0)
    network = U2NetLive().train()
    for _ in range(3):
        network(torch.randn(2, 4, 64, 64))
    network.eval()
    x = torch.randn(1, 4, 64, 64)
    with torch.inference_mode():
        before = network(x)
        after = fold_batch_norm(network)(x)
    assert not [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert torch.allclose(before, after, atol=1e-4)


def test_previous_matte_reaches_the_output() -> None:
    torch.manual_seed(0)
    network = U2NetLive().eval()
    x = torch.zeros(1, 4, 64, 64)
    with_matte = x.clone()
    with_matte[:, 3] = 1
    with torch.inference_mode():
        assert not torch.equal(network(x), network(with_matte))


def test_size_that_is_no_multiple_of_the_stride_is_refused() -> None:
    with pytest.raises(RuntimeError), torch.inference_mode():
        U2NetLive().eval()(torch.zeros(1, 4, 64 + STRIDE_PX // 2, 64))
