"""Fold batch normalisation into the convolutions before it: the same matte with fewer steps."""

from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Fold every batch norm that directly follows a convolution in its parent, in place.

    Args:
        network: in eval mode; its parents list a convolution right before its batch norm.

    Returns:
        The same network, its batch norms replaced by identities.
    """
    for parent in list(network.modules()):
        children = list(parent.named_children())
        for (conv_name, conv), (norm_name, norm) in pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(parent, norm_name, nn.Identity())
    return network
