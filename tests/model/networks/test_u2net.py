from collections.abc import Callable

import pytest
import torch

from u2cam.model.networks.u2net import U2Net, u2net, u2netp


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_full_network_has_the_published_44_million_parameters() -> None:
    with torch.device("meta"):
        assert count(u2net()) == 44_009_869


def test_small_network_has_the_published_1_13_million_parameters() -> None:
    with torch.device("meta"):
        assert count(u2netp()) == 1_131_181


@pytest.mark.parametrize("build", [u2net, u2netp])
def test_keys_are_those_of_the_official_checkpoints(build: Callable[[], U2Net]) -> None:
    with torch.device("meta"):
        keys = set(build().state_dict())
    block = ("conv_s1.weight", "conv_s1.bias", "bn_s1.weight", "bn_s1.bias")
    block += ("bn_s1.running_mean", "bn_s1.running_var", "bn_s1.num_batches_tracked")
    heights = {1: 7, 2: 6, 3: 5, 4: 4}
    wanted = {f"outconv.{kind}" for kind in ("weight", "bias")}
    for stage in (1, 2, 3, 4, 5, 6):
        wanted |= {f"side{stage}.{kind}" for kind in ("weight", "bias")}
        for name in {f"stage{stage}", f"stage{stage}d"} - {"stage6d"}:
            height = heights.get(stage, 4)
            layers = ["in", *range(1, height + 1), *(f"{i}d" for i in range(1, height))]
            wanted |= {f"{name}.rebnconv{layer}.{part}" for layer in layers for part in block}
    assert keys == wanted


def test_eval_gives_only_the_fused_probabilities() -> None:
    with torch.inference_mode():
        matte = u2netp().eval()(torch.rand(2, 3, 40, 56))
    assert isinstance(matte, torch.Tensor)
    assert matte.shape == (2, 1, 40, 56)
    assert matte.min() >= 0 and matte.max() <= 1


def test_train_gives_seven_logit_maps_with_the_fused_one_first() -> None:
    network = u2netp()
    picture = torch.rand(2, 3, 64, 48)
    maps = network.train()(picture)
    assert [tuple(m.shape) for m in maps] == [(2, 1, 64, 48)] * 7
    refused = network.outconv(torch.cat(maps[1:], dim=1))
    torch.testing.assert_close(maps[0], refused)


def test_eval_is_the_sigmoid_of_the_fused_logits() -> None:
    network = u2netp()
    # Frozen statistics, so that training mode computes what eval mode does.
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.0
            module.register_forward_pre_hook(lambda m, _: m.eval() and None)
    picture = torch.rand(1, 3, 33, 47)
    with torch.no_grad():
        logits = network.train()(picture)[0]
        matte = network.eval()(picture)
    torch.testing.assert_close(matte, torch.sigmoid(logits))


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (31, 65), (97, 33)])
def test_any_input_size_gives_a_matte_of_the_same_size(size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert u2netp().eval()(torch.rand(1, 3, *size)).shape == (1, 1, *size)


def test_gradient_checkpointing_gives_the_same_gradients() -> None:
    torch.manual_seed(0)
    plain, saving = u2netp(), u2netp(gradient_checkpointing=True)
    saving.load_state_dict(plain.state_dict())
    picture = torch.rand(2, 3, 32, 32)
    for network in (plain, saving):
        torch.stack(network.train()(picture)).square().mean().backward()
    for one, other in zip(plain.parameters(), saving.parameters(), strict=True):
        assert one.grad is not None and other.grad is not None
        torch.testing.assert_close(one.grad, other.grad)
