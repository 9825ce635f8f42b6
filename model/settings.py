"""Settings of the network and the device it runs on. Defaults live here and nowhere else."""

from typing import Annotated, Literal

from pydantic import Field

from u2cam.core.section import Section


class ModelSettings(Section):
    """The network and where it runs."""

    name: Annotated[str, Field(min_length=1)] = Field(
        "auto", description="auto, a name from --list-models, or a .pth file."
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = Field(
        "auto", description="auto (cuda, then mps, then cpu), cpu, cuda, cuda:N or mps."
    )
    precision: Literal["auto", "fp32", "fp16", "bf16"] = Field(
        "auto", description="Number format inside the network; auto takes the fastest safe one."
    )
    engine: Literal["auto", "torch", "openvino"] = Field(
        "auto", description="What runs the network; auto: openvino on a CPU where it is installed."
    )
    resident: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Keep frames on the device from upload to composite; auto: on cuda, unless "
        "mattes are carried (matting.mode = async).",
    )
    batch: Annotated[int, Field(ge=0, le=16)] = Field(
        0,
        description="Frames at once where they are kept on the device, offline; 0: by free memory.",
    )
    threads: Annotated[int, Field(ge=0, le=256)] = Field(
        0,
        description="CPU threads of the network; 0: chosen (1 for u2net_live on two cores).",
    )
    input_size: Annotated[str, Field(pattern=r"^(auto|[1-9]\d{1,3}(x[1-9]\d{1,3})?)$")] = Field(
        "auto",
        description="auto, or the network's input in pixels as 320 or 512x288; auto: the model's "
        "own. u2net_live takes as many pixels in the picture's own shape, between this and its "
        "portrait orientation.",
    )

    def input_size_wh(self) -> tuple[int, int] | None:
        """The input size as (width, height), or None for the model's own."""
        if self.input_size == "auto":
            return None
        sides = [int(side) for side in self.input_size.split("x")]
        return sides[0], sides[-1]
