"""U²-Net and U²-Netp, the published architecture.

Qin et al., "U²-Net: Going Deeper with Nested U-Structure for Salient Object Detection", Pattern
Recognition 106, 2020, arXiv 2005.09007: a U-Net of residual U-blocks (RSU), six side outputs and
one fused from them. Module names are those of the authors' checkpoints, so that their `.pth`
files load with `strict=True`.

Architecture only, run by whoever calls it; weights, preprocessing and devices are elsewhere.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class ConvBlock(nn.Module):
    """3×3 convolution, batch norm, ReLU; height and width kept."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int = 1) -> None:
        """Build with `dilation` in pixels of the feature map."""
        super().__init__()
        self.conv_s1 = nn.Conv2d(in_channels, out_channels, 3, padding=dilation, dilation=dilation)
        self.bn_s1 = nn.BatchNorm2d(out_channels)
        self.relu_s1 = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in, H, W) to (B, out, H, W)."""
        result: Tensor = self.relu_s1(self.bn_s1(self.conv_s1(x)))
        return result


def upsample_like(x: Tensor, target: Tensor) -> Tensor:
    """Resize (B, C, h, w) bilinearly to the height and width of `target`."""
    return F.interpolate(x, size=target.shape[2:], mode="bilinear", align_corners=False)


def halve(x: Tensor) -> Tensor:
    """Max-pool to half the size, rounded up, so that odd sizes lose no row."""
    return F.max_pool2d(x, 2, stride=2, ceil_mode=True)


class ResidualUBlock(nn.Module):
    """RSU-L (section 3.1 of the paper): a U-Net of L levels, added to its own first features.

    Level L, the bottom, is dilated instead of pooled. The blocks RSU-7, 6, 5 and 4 differ in L.
    """

    def __init__(self, levels: int, in_channels: int, mid_channels: int, out_channels: int) -> None:
        """Build with `levels` = L of RSU-L."""
        super().__init__()
        self.levels = levels
        self.rebnconvin = ConvBlock(in_channels, out_channels)
        self.rebnconv1 = ConvBlock(out_channels, mid_channels)
        for level in range(2, levels):
            self.add_module(f"rebnconv{level}", ConvBlock(mid_channels, mid_channels))
        self.add_module(f"rebnconv{levels}", ConvBlock(mid_channels, mid_channels, dilation=2))
        for level in range(levels - 1, 1, -1):
            self.add_module(f"rebnconv{level}d", ConvBlock(2 * mid_channels, mid_channels))
        self.rebnconv1d = ConvBlock(2 * mid_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in, H, W) to (B, out, H, W)."""
        entered: Tensor = self.rebnconvin(x)
        skips: list[Tensor] = []
        features = entered
        for level in range(1, self.levels):
            features = self._block(f"rebnconv{level}", features if level == 1 else halve(features))
            skips.append(features)
        features = self._block(f"rebnconv{self.levels}", features)
        for level in range(self.levels - 1, 0, -1):
            skip = skips[level - 1]
            if level < self.levels - 1:
                features = upsample_like(features, skip)
            features = self._block(f"rebnconv{level}d", torch.cat((features, skip), dim=1))
        return entered + features

    def _block(self, name: str, x: Tensor) -> Tensor:
        result: Tensor = self.get_submodule(name)(x)
        return result


class DilatedResidualBlock(nn.Module):
    """RSU-4F: dilations 1, 2, 4 and 8 in place of pooling, for the smallest maps."""

    def __init__(self, in_channels: int, mid_channels: int, out_channels: int) -> None:
        super().__init__()
        self.rebnconvin = ConvBlock(in_channels, out_channels)
        self.rebnconv1 = ConvBlock(out_channels, mid_channels)
        self.rebnconv2 = ConvBlock(mid_channels, mid_channels, dilation=2)
        self.rebnconv3 = ConvBlock(mid_channels, mid_channels, dilation=4)
        self.rebnconv4 = ConvBlock(mid_channels, mid_channels, dilation=8)
        self.rebnconv3d = ConvBlock(2 * mid_channels, mid_channels, dilation=4)
        self.rebnconv2d = ConvBlock(2 * mid_channels, mid_channels, dilation=2)
        self.rebnconv1d = ConvBlock(2 * mid_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in, H, W) to (B, out, H, W)."""
        entered: Tensor = self.rebnconvin(x)
        down1 = self.rebnconv1(entered)
        down2 = self.rebnconv2(down1)
        down3 = self.rebnconv3(down2)
        bottom = self.rebnconv4(down3)
        up3 = self.rebnconv3d(torch.cat((bottom, down3), dim=1))
        up2 = self.rebnconv2d(torch.cat((up3, down2), dim=1))
        up1: Tensor = self.rebnconv1d(torch.cat((up2, down1), dim=1))
        return entered + up1


class StageWidths(NamedTuple):
    """Channels of one stage: inside its U and at its output."""

    mid: int
    out: int


# Table 1 of the paper: stages 1-6 down, then 5-1 up.
FULL_DOWN = tuple(
    StageWidths(*w) for w in ((32, 64), (32, 128), (64, 256), (128, 512), (256, 512), (256, 512))
)
FULL_UP = tuple(StageWidths(*w) for w in ((256, 512), (128, 256), (64, 128), (32, 64), (16, 64)))
SMALL_DOWN = (StageWidths(16, 64),) * 6
SMALL_UP = (StageWidths(16, 64),) * 5


class U2Net(nn.Module):
    """The whole network; `u2net()` and `u2netp()` build its two published sizes."""

    def __init__(
        self,
        down: Sequence[StageWidths],
        up: Sequence[StageWidths],
        *,
        gradient_checkpointing: bool = False,
    ) -> None:
        """Build with the widths of six encoder stages and five decoder stages (5 first).

        `gradient_checkpointing` recomputes each stage in the backward pass (Chen et al., arXiv
        1604.06174): less memory in training for about a third more time.
        """
        super().__init__()
        self.gradient_checkpointing = gradient_checkpointing
        w1, w2, w3, w4, w5, w6 = down
        u5, u4, u3, u2, u1 = up
        self.stage1 = ResidualUBlock(7, 3, w1.mid, w1.out)
        self.stage2 = ResidualUBlock(6, w1.out, w2.mid, w2.out)
        self.stage3 = ResidualUBlock(5, w2.out, w3.mid, w3.out)
        self.stage4 = ResidualUBlock(4, w3.out, w4.mid, w4.out)
        self.stage5 = DilatedResidualBlock(w4.out, w5.mid, w5.out)
        self.stage6 = DilatedResidualBlock(w5.out, w6.mid, w6.out)
        self.stage5d = DilatedResidualBlock(w6.out + w5.out, u5.mid, u5.out)
        self.stage4d = ResidualUBlock(4, u5.out + w4.out, u4.mid, u4.out)
        self.stage3d = ResidualUBlock(5, u4.out + w3.out, u3.mid, u3.out)
        self.stage2d = ResidualUBlock(6, u3.out + w2.out, u2.mid, u2.out)
        self.stage1d = ResidualUBlock(7, u2.out + w1.out, u1.mid, u1.out)
        self.side1 = nn.Conv2d(u1.out, 1, 3, padding=1)
        self.side2 = nn.Conv2d(u2.out, 1, 3, padding=1)
        self.side3 = nn.Conv2d(u3.out, 1, 3, padding=1)
        self.side4 = nn.Conv2d(u4.out, 1, 3, padding=1)
        self.side5 = nn.Conv2d(u5.out, 1, 3, padding=1)
        self.side6 = nn.Conv2d(w6.out, 1, 3, padding=1)
        self.outconv = nn.Conv2d(6, 1, 1)

    def _run(self, stage: nn.Module, x: Tensor) -> Tensor:
        """Run a stage, with its activations kept or recomputed."""
        if self.gradient_checkpointing and self.training:
            kept: Tensor = checkpoint(stage, x, use_reentrant=False)
            return kept
        result: Tensor = stage(x)
        return result

    def forward(self, x: Tensor) -> Tensor | list[Tensor]:
        """Compute the matte.

        Args:
            x: (B, 3, H, W) float, normalised RGB; any H and W of at least 1.

        Returns:
            In eval mode the fused matte (B, 1, H, W), probabilities in [0, 1]. In train mode the
            seven logit maps, each (B, 1, H, W): fused first, then side outputs 1 to 6.
        """
        down1 = self._run(self.stage1, x)
        down2 = self._run(self.stage2, halve(down1))
        down3 = self._run(self.stage3, halve(down2))
        down4 = self._run(self.stage4, halve(down3))
        down5 = self._run(self.stage5, halve(down4))
        down6 = self._run(self.stage6, halve(down5))
        up5 = self._run(self.stage5d, torch.cat((upsample_like(down6, down5), down5), dim=1))
        up4 = self._run(self.stage4d, torch.cat((upsample_like(up5, down4), down4), dim=1))
        up3 = self._run(self.stage3d, torch.cat((upsample_like(up4, down3), down3), dim=1))
        up2 = self._run(self.stage2d, torch.cat((upsample_like(up3, down2), down2), dim=1))
        up1 = self._run(self.stage1d, torch.cat((upsample_like(up2, down1), down1), dim=1))
        side1 = self.side1(up1)
        sides = [
            side1,
            upsample_like(self.side2(up2), side1),
            upsample_like(self.side3(up3), side1),
            upsample_like(self.side4(up4), side1),
            upsample_like(self.side5(up5), side1),
            upsample_like(self.side6(down6), side1),
        ]
        fused: Tensor = self.outconv(torch.cat(sides, dim=1))
        if not self.training:
            return torch.sigmoid(fused)
        return [fused, *sides]


def u2net(*, gradient_checkpointing: bool = False) -> U2Net:
    """Build the full network, 44.0 M parameters."""
    return U2Net(FULL_DOWN, FULL_UP, gradient_checkpointing=gradient_checkpointing)


def u2netp(*, gradient_checkpointing: bool = False) -> U2Net:
    """Build the small network (U²-Net† of the paper), 1.13 M parameters."""
    return U2Net(SMALL_DOWN, SMALL_UP, gradient_checkpointing=gradient_checkpointing)
