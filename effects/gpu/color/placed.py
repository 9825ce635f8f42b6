"""The person scaled and moved on a device: GPU implementation of `effects.color.placed`."""

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.effects.gpu import axis
from u2cam.effects.placement import Placement


def place(front: Tensor, alpha_u8: Tensor, placement: Placement) -> tuple[Tensor, Tensor]:
    """Return colours and alpha of the person where it is to stand.

    Args:
        front: (3, H, W) float32 of whole levels, straight.
        alpha_u8: (H, W) uint8.
        placement: scale and place.

    Returns:
        (3, H, W) float32 of whole levels and (H, W) uint8; 0 where the person is not.
    """
    height, width = alpha_u8.shape
    left, top, w, h = placement.box((width, height))
    # Whole numbers up to 255 * 255, as on the CPU.
    alpha = alpha_u8.float()[None]
    scaled = axis.shrink(torch.cat((front * alpha, alpha * 255)), h, w)
    part, weight = scaled[:3].to(torch.int32), scaled[3:].to(torch.int32)
    part_alpha = (weight + 127) // 255
    straight = ((part * 255 + weight // 2) // weight.clamp(min=1)).clamp(max=255)
    straight = torch.where(part_alpha > 0, straight, 0).float()
    room = (left, width - left - w, top, height - top - h)
    return F.pad(straight, room), F.pad(part_alpha[0], room).to(torch.uint8)


def under(back: Tensor, placement: Placement) -> Tensor:
    """Return the part of a background (3, H, W) that lies behind the scaled frame."""
    left, top, w, h = placement.box((back.shape[-1], back.shape[-2]))
    return back[..., top : top + h, left : left + w]
