"""The GPU part of rendering for frames of one size: from packet and matte to the picture's bytes.

Everything here is launched without a look at what comes out: no value returns to the host, all
sizes are known before. So it can be captured as a CUDA graph, and the host is free for the next
frame. What must outlive a frame is changed in place.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from u2cam.core.choices import View
from u2cam.effects.color.steps import NARROW_PX, WIDE_PX
from u2cam.effects.gpu import axis
from u2cam.effects.gpu.axis import Pyramid
from u2cam.effects.gpu.color.color_match import DeviceMatch
from u2cam.effects.gpu.color.composite import LinearBlend, blend, cut_out
from u2cam.effects.gpu.color.foreground import estimate_means, unmix
from u2cam.effects.gpu.color.light_wrap import screen_light, wrap_light
from u2cam.effects.gpu.color.placed import place, under
from u2cam.effects.gpu.matte.steps import GpuMatteSteps, resize_matte
from u2cam.effects.gpu.packet import Packet
from u2cam.effects.gpu.scene_backgrounds import Scene
from u2cam.effects.grid import grid_size
from u2cam.effects.matte.steps import REFERENCE_HEIGHT
from u2cam.effects.settings import EffectsSettings


@dataclass(frozen=True, slots=True)
class Making:
    """What kind of picture is made; another one is another graph."""

    view: View
    scene: Scene | None
    """Makes the background of the frame; None: a replacement."""
    untouched: bool = False
    """The background is the frame itself, so the person's colours are right as they are."""
    covered: bool = False
    """The packet says where the frame's own picture is; elsewhere the background shows."""


class Steps:
    """All steps with their state on one device."""

    def __init__(
        self,
        settings: EffectsSettings,
        size_wh: tuple[int, int],
        device: torch.device,
        *,
        raw_matte: bool,
    ) -> None:
        self._settings = settings
        self._size_wh = size_wh
        self._grid_wh = grid_size(size_wh)
        self._raw_matte = raw_matte
        self._placement = settings.background.placement
        self.packet = Packet(size_wh, self._grid_wh, flow=settings.matte.smoothing == "flow")
        self._matte = GpuMatteSteps(settings.matte, self._grid_wh, device)
        self._match = DeviceMatch(settings.color.match, device)
        self._linear_blend = LinearBlend(device)
        width, height = size_wh
        self.background = torch.zeros((height, width, 3), dtype=torch.uint8, device=device)
        """The replacement as it was uploaded last."""

    def reset(self) -> None:
        """Forget smoothing state."""
        self._matte.reset()
        self._match.reset()

    def state(self) -> list[Tensor]:
        """Return what frames change in place, to be saved around a rehearsal."""
        return [*self._matte.state(), *self._match.state()]

    def run(self, making: Making, packet: Tensor, alpha: Tensor) -> Tensor:
        """Return the picture's bytes (n,) uint8: rows of pixels of the view's kind.

        Args:
            making: what to make.
            packet: (bytes,) uint8 of `self.packet`.
            alpha: (h, w) float32, the network's matte; where it is not valid it counts as empty
                and leaves no trace in the state. The caller must see to it that the picture of
                such a frame is not shown: that is the pipeline's gate, not this line.
        """
        valid = ((alpha >= 0) & (alpha <= 1)).all()
        alpha = torch.where(valid, alpha, 0.0)
        image = _planes(self.packet.read(packet, "image"))
        small = _planes(self.packet.read(packet, "small"))
        rates = self.packet.read(packet, "rates")
        alpha_u8 = self._alpha_u8(packet, image, small, alpha, rates[0], valid)
        covered = self.packet.read(packet, "coverage") if making.covered else None
        if covered is not None:  # last of all: nothing may show the person where no picture is
            alpha_u8 = torch.minimum(alpha_u8, covered)
        matte = Pyramid(alpha_u8.float()[None])
        if making.view == "matte":
            return self._placed(image, alpha_u8)[1].flatten()
        if making.view in ("foreground", "cutout"):
            front = self._foreground(image, small, matte, None, rates[1], valid)
            front, alpha_u8 = self._placed(front, alpha_u8)
            if making.view == "cutout":
                return _bytes(cut_out(front, alpha_u8))
            return _bytes(blend(front, torch.zeros_like(front), alpha_u8))
        if making.scene is None:
            back = _planes(self.background)
        else:
            hidden = matte
            if covered is not None:
                # To a blur, what is not there is as little of the scene as the person is.
                hidden = Pyramid(torch.maximum(alpha_u8, ~covered).float()[None])
            back = making.scene(Pyramid(image), hidden)
        front = image
        if not making.untouched:
            behind = back if self._placement is None else under(back, self._placement)
            front = self._foreground(image, small, matte, behind, rates[1], valid)
        front, alpha_u8 = self._placed(front, alpha_u8)
        mix = self._linear_blend if self._settings.color.linear_light else blend
        picture = mix(front, back, alpha_u8)
        if making.view == "side-by-side":
            picture = torch.cat((image.to(torch.uint8), picture), 2)
        return _bytes(picture)

    def _placed(self, front: Tensor, alpha_u8: Tensor) -> tuple[Tensor, Tensor]:
        """Return colours and alpha where the person is to stand."""
        if self._placement is None:
            return front, alpha_u8
        return place(front, alpha_u8, self._placement)

    def _alpha_u8(
        self,
        packet: Tensor,
        image: Tensor,
        small: Tensor,
        alpha: Tensor,
        still: Tensor,
        valid: Tensor,
    ) -> Tensor:
        if self._raw_matte:
            return resize_matte(alpha, image.shape[-2], image.shape[-1])
        flows = self._settings.matte.smoothing == "flow"
        return self._matte.alpha_u8(
            image,
            small,
            self.packet.read(packet, "luma_u8"),
            self.packet.read(packet, "flow") if flows else None,
            alpha,
            still,
            valid,
        )

    def _foreground(
        self,
        image: Tensor,
        small: Tensor,
        matte: Pyramid,
        back: Tensor | None,
        rate: Tensor,
        valid: Tensor,
    ) -> Tensor:
        """Return the person's own colours (3, H, W), whole levels."""
        color = self._settings.color
        fits = back is not None and bool(color.match or color.light_wrap)
        if color.foreground == "off" and not fits:
            return image
        columns, rows = self._grid_wh
        alpha_u8 = matte.picture[0]
        alpha_small = matte.at(rows, columns)[0] * (1 / 255)
        scale = rows / REFERENCE_HEIGHT
        front = image
        if color.foreground == "blur_fusion":
            wide, narrow = max(2, round(WIDE_PX * scale)), max(1, round(NARROW_PX * scale))
            front = unmix(image, alpha_u8, estimate_means(small, alpha_small, wide, narrow))
        if back is None or not fits:
            return front
        back_small = axis.shrink(back, rows, columns)
        if color.match:
            front = self._match.apply(front, small, alpha_small, back_small, rate, valid)
        if color.light_wrap:
            radius = max(1, round(color.light_wrap_px * scale))
            light = wrap_light(back_small, alpha_small, radius, color.light_wrap)
            front = screen_light(front, light)
        return front


def _planes(picture: Tensor) -> Tensor:
    """Turn (H, W, 3) uint8 into (3, H, W) float32."""
    return picture.permute(2, 0, 1).to(torch.float32, memory_format=torch.contiguous_format)


def _bytes(picture: Tensor) -> Tensor:
    """Turn (C, H, W) uint8 into the bytes of (H, W, C)."""
    return picture.permute(1, 2, 0).flatten()
