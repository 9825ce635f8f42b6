"""u2net_live: a small network of the U²-Net family for live portraits.

The architecture follows U²-Net (Qin et al., Pattern Recognition 106, 2020, arXiv 2005.09007): an
outer U of residual U-blocks (RSU), side outputs with deep supervision, and a fused output. It
differs where a live picture asks for it:

- Space-to-depth (pixel-unshuffle ×4) stem: the widest layers run at a quarter of the size.
- The previous matte is the fourth input channel (Tkachenka et al., arXiv 1907.06740), so that the
  network is steady from frame to frame. All zeros mean "no previous matte".
- A sub-pixel head (Shi et al., arXiv 1609.05158) that sees the input picture again at half size,
  for edges and hair.

Runs in the inference thread. Architecture only: weights, letterboxing and state are elsewhere.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from u2cam.model.networks.u2net import upsample_like

STRIDE_PX = 4
"""Height and width of the input must be multiples of this."""

RGB_MEAN = (0.485, 0.456, 0.406)
RGB_STD = (0.229, 0.224, 0.225)
"""The RGB channels are `(rgb / 255 - RGB_MEAN) / RGB_STD`; the matte channel stays in [0, 1]."""


def normed_convolution(in_channels: int, out_channels: int) -> nn.Sequential:
    """3×3 convolution and batch norm; size kept."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
    )


class ConvBlock(nn.Sequential):
    """3×3 convolution, batch norm, ReLU; size kept."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int = 1) -> None:
        """Build with `dilation` in pixels of the feature map."""
        super().__init__(
            nn.Conv2d(
                in_channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class ResidualUBlock(nn.Module):
    """RSU of U²-Net section 3.1: a small U-Net whose output is added to its first features."""

    def __init__(self, height: int, in_channels: int, mid_channels: int, out_channels: int) -> None:
        """Build a block with `height` encoder levels, the last one dilated instead of pooled."""
        super().__init__()
        self.enter = ConvBlock(in_channels, out_channels)
        self.down = nn.ModuleList(
            ConvBlock(out_channels if level == 0 else mid_channels, mid_channels)
            for level in range(height - 1)
        )
        self.bottom = ConvBlock(mid_channels, mid_channels, dilation=2)
        self.up = nn.ModuleList(
            ConvBlock(2 * mid_channels, out_channels if level == 0 else mid_channels)
            for level in range(height - 1)
        )
        self.pool = nn.MaxPool2d(2, stride=2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in_channels, H, W) to (B, out_channels, H, W)."""
        entered = self.enter(x)
        skips: list[Tensor] = []
        features = entered
        for level, block in enumerate(self.down):
            features = block(self.pool(features) if level else features)
            skips.append(features)
        features = self.bottom(features)
        for level in range(len(skips) - 1, -1, -1):
            if features.shape[2:] != skips[level].shape[2:]:
                features = upsample_like(features, skips[level])
            features = self.up[level](torch.cat((features, skips[level]), dim=1))
        result: Tensor = entered + features
        return result


class DilatedResidualBlock(nn.Module):
    """RSU-4F of U²-Net: dilations 1, 2, 4, 8 instead of pooling, for the smallest maps."""

    def __init__(self, in_channels: int, mid_channels: int, out_channels: int) -> None:
        super().__init__()
        self.enter = ConvBlock(in_channels, out_channels)
        self.down1 = ConvBlock(out_channels, mid_channels)
        self.down2 = ConvBlock(mid_channels, mid_channels, dilation=2)
        self.down3 = ConvBlock(mid_channels, mid_channels, dilation=4)
        self.bottom = ConvBlock(mid_channels, mid_channels, dilation=8)
        self.up3 = ConvBlock(2 * mid_channels, mid_channels, dilation=4)
        self.up2 = ConvBlock(2 * mid_channels, mid_channels, dilation=2)
        self.up1 = ConvBlock(2 * mid_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, in_channels, H, W) to (B, out_channels, H, W)."""
        entered = self.enter(x)
        down1 = self.down1(entered)
        down2 = self.down2(down1)
        down3 = self.down3(down2)
        up3 = self.up3(torch.cat((self.bottom(down3), down3), dim=1))
        up2 = self.up2(torch.cat((up3, down2), dim=1))
        result: Tensor = entered + self.up1(torch.cat((up2, down1), dim=1))
        return result


class U2NetLive(nn.Module):
    """RGB and previous matte in, matte out; about half a million parameters."""

    def __init__(
        self,
        widths: tuple[int, int, int, int] = (16, 32, 64, 64),
        mids: tuple[int, int, int, int] = (16, 16, 32, 32),
    ) -> None:
        """Build with `widths` output and `mids` inner channels at 1/4, 1/8, 1/16, 1/32 size."""
        super().__init__()
        w1, w2, w3, w4 = widths
        m1, m2, m3, m4 = mids
        self.unshuffle4 = nn.PixelUnshuffle(4)
        self.unshuffle2 = nn.PixelUnshuffle(2)
        self.shuffle2 = nn.PixelShuffle(2)
        self.pool = nn.MaxPool2d(2, stride=2, ceil_mode=True)
        self.encode1 = ResidualUBlock(4, 64, m1, w1)
        self.encode2 = ResidualUBlock(4, w1, m2, w2)
        self.encode3 = ResidualUBlock(3, w2, m3, w3)
        self.encode4 = DilatedResidualBlock(w3, m4, w4)
        self.decode3 = ResidualUBlock(3, w4 + w3, m3, w3)
        self.decode2 = ResidualUBlock(3, w3 + w2, m2, w2)
        # Twice as wide as its level: what leaves it has to tell apart the 16 pixels of a cell.
        self.decode1 = ResidualUBlock(3, w2 + w1, m1, 2 * w1)
        self.side1 = nn.Conv2d(2 * w1, 1, 3, padding=1)
        self.side2 = nn.Conv2d(w2, 1, 3, padding=1)
        self.side3 = nn.Conv2d(w3, 1, 3, padding=1)
        self.side4 = nn.Conv2d(w4, 1, 3, padding=1)
        # The fused matte: 1/4 features become 8 channels at 1/2 and meet the picture there. Two
        # convolutions and a sum are one over both, without the copy that joins them.
        self.head_expand = ConvBlock(2 * w1, 32)
        self.head_guide = normed_convolution(8, 16)
        self.head_picture = normed_convolution(16, 16)
        self.head_mix = ConvBlock(16, 16, dilation=2)
        self.head_out = nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor | list[Tensor]:
        """Compute the matte.

        Args:
            x: (B, 4, H, W) float; normalised RGB, then the previous matte in [0, 1] or zeros.
                H and W are multiples of `STRIDE_PX`.

        Returns:
            In eval mode (B, 1, H, W) probabilities in [0, 1]; in train mode the list of logits:
            the fused one (B, 1, H, W) first, then the side outputs at 1/4, 1/8, 1/16 and 1/32.
        """
        met, (decoded1, decoded2, decoded3, encoded4) = self.features(
            self.unshuffle4(x), self.unshuffle2(x)
        )
        fused: Tensor = self.shuffle2(self.head_out(met))
        if not self.training:
            return torch.sigmoid(fused)
        return [
            fused,
            self.side1(decoded1),
            self.side2(decoded2),
            self.side3(decoded3),
            self.side4(encoded4),
        ]

    def features(
        self, quarter: Tensor, half: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
        """Compute all but the outputs, from the input with each cell's pixels as channels.

        Args:
            quarter: (B, 64, H / 4, W / 4), of `PixelUnshuffle(4)`.
            half: (B, 16, H / 2, W / 2), of `PixelUnshuffle(2)`.

        Returns:
            What the fused matte is made of, (B, 16, H / 2, W / 2), and what the side outputs at
            1/4, 1/8, 1/16 and 1/32 are made of.
        """
        encoded1 = self.encode1(quarter)
        encoded2 = self.encode2(self.pool(encoded1))
        encoded3 = self.encode3(self.pool(encoded2))
        encoded4 = self.encode4(self.pool(encoded3))
        decoded3 = self.decode3(torch.cat((upsample_like(encoded4, encoded3), encoded3), dim=1))
        decoded2 = self.decode2(torch.cat((upsample_like(decoded3, encoded2), encoded2), dim=1))
        decoded1 = self.decode1(torch.cat((upsample_like(decoded2, encoded1), encoded1), dim=1))
        guide = self.head_guide(self.shuffle2(self.head_expand(decoded1)))
        met = F.relu(guide + self.head_picture(half), inplace=True)
        return self.head_mix(met), (decoded1, decoded2, decoded3, encoded4)
