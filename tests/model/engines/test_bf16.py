"""bf16 where eight bits are enough, fp32 where they are not."""

import copy

import torch

from u2cam.model.engines.bf16 import EXACT, to_bf16
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net import U2Net, u2netp
from u2cam.model.networks.u2net_live import U2NetLive


def folded() -> U2Net:
    torch.manual_seed(0)
    network = fold_batch_norm(u2netp().eval())
    assert isinstance(network, U2Net)
    return network


def test_sensitive_layers_keep_every_bit_and_the_others_are_rounded() -> None:
    before = folded()
    after = to_bf16(copy.deepcopy(before))
    kept = {
        name: weight for name, weight in after.named_parameters() if weight.dtype == torch.float32
    }
    wanted = {
        name: weight
        for name, weight in before.named_parameters()
        if name.startswith(tuple(f"{layer}." for layer in EXACT))
    }
    assert kept.keys() == wanted.keys() and len(wanted) == 6
    assert all(torch.equal(kept[name], wanted[name]) for name in wanted)


def test_large_values_before_a_difference_do_not_reach_the_matte() -> None:
    """What happens in the published weights: a layer's output is large, the next takes it back."""
    exact = folded()
    with torch.no_grad():
        first = exact.stage2d.get_submodule("rebnconv2d.conv_s1")
        second = exact.stage2d.get_submodule("rebnconv1d.conv_s1")
        assert isinstance(first.bias, torch.Tensor) and isinstance(second.weight, torch.Tensor)
        first.bias += 200
        second.weight[:, 1:16] = -second.weight[:, :1]
        second.weight[:, 0] *= 15
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        wanted = exact(x)
        plain = copy.deepcopy(exact).to(torch.bfloat16)(x.bfloat16())
        mixed = to_bf16(copy.deepcopy(exact))(x.bfloat16())
    assert mixed.dtype == torch.float32
    error = (mixed - wanted).abs().mean()
    assert error < 0.01 and error < (plain.float() - wanted).abs().mean() / 3


def test_other_networks_are_rounded_as_a_whole() -> None:
    network = to_bf16(U2NetLive().eval())
    assert {weight.dtype for weight in network.parameters()} == {torch.bfloat16}
