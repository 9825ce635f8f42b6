"""The blend on a device, in whole numbers: bit for bit that of `effects.composite`.

All pictures are planes, (3, H, W) float32 of whole levels; results are (3, H, W) uint8.
"""

import torch
from torch import Tensor

from u2cam.effects.color.composite import _TO_GAMMA, _TO_LINEAR
from u2cam.effects.gpu.matte.guided_filter import look_up


def blend(foreground: Tensor, background: Tensor, alpha_u8: Tensor) -> Tensor:
    """Blend foreground over background on gamma-encoded values, rounded to nearest."""
    alpha = alpha_u8.to(torch.int32)
    front, back = foreground.to(torch.int32), background.to(torch.int32)
    mixed = alpha * front + (255 - alpha) * back + 128
    return ((mixed + (mixed >> 8)) >> 8).to(torch.uint8)


class LinearBlend:
    """Blends linear light (sRGB transfer function, IEC 61966-2-1); keeps the tables."""

    def __init__(self, device: torch.device) -> None:
        self._to_linear = torch.from_numpy(_TO_LINEAR.astype("int32")).to(device)
        self._to_gamma = torch.from_numpy(_TO_GAMMA.copy()).to(device)

    def __call__(self, foreground: Tensor, background: Tensor, alpha_u8: Tensor) -> Tensor:
        """Blend as `blend` does, but linear light."""
        alpha = alpha_u8.to(torch.int32)
        front = foreground.to(torch.int32)
        back = background.to(torch.int32)
        light = alpha * look_up(self._to_linear, front)
        light = light + (255 - alpha) * look_up(self._to_linear, back)
        mixed = torch.div(light + 127, 255, rounding_mode="floor")
        soft = look_up(self._to_gamma, mixed >> 4)
        # The ends are exact, not through the tables.
        result = torch.where(alpha_u8 == 0, back.to(torch.uint8), soft)
        return torch.where(alpha_u8 == 255, front.to(torch.uint8), result)


def cut_out(foreground: Tensor, alpha_u8: Tensor) -> Tensor:
    """Join foreground and alpha to (4, H, W) uint8; where alpha is 0 the colour is 0 too."""
    colour = torch.where(alpha_u8 > 0, foreground, 0.0).to(torch.uint8)
    return torch.cat((colour, alpha_u8[None]))
