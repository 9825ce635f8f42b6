"""The networks that the program knows: what each is for, its file, and how pictures are fed to it.

A plain table, read by whoever starts a run or prints `--list-models`. Importing it does not import
torch; an entry's `build` does. Where the files lie and how they are loaded is `weights.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class ModelSpec:
    """One registered network."""

    name: str
    purpose: str
    """What it is good for, in one line."""
    build: Callable[[], nn.Module]
    """Makes the architecture, untrained."""
    recurrent: bool
    """Made for live video: its input also has its previous matte, and what follows from that below;
    False: fed as the U²-Net authors do."""
    input_size_wh: tuple[int, int]
    """Width and height of the network's input, in pixels; non-square sizes turn with the frame."""
    live_sizes_wh: tuple[tuple[int, int], ...]
    """Sizes that a live run may choose from to keep its latency, largest first."""
    size_multiple: int
    """Both sides of the input must be multiples of this."""
    file: str
    """Name of the weights file in every folder that is searched."""
    parameters: int
    """Number of trained values, for the list."""
    licence: str
    release_url: str | None = None
    """The page where the authors publish the weights; None: made here and shipped."""
    download_url: str | None = None
    """Where the file itself is fetched from; None: not downloadable."""
    sha256: str | None = None
    """Files that are found by their name are held against it; None: they cannot be."""
    size_bytes: int | None = None
    for_matting: bool = True
    """False for a network whose output is not a matte; it is refused for pictures and video."""

    @property
    def input_channels(self) -> int:
        """Red, green and blue, and the previous matte where the network is recurrent."""
        return 4 if self.recurrent else 3

    @property
    def keeps_aspect(self) -> bool:
        """Whether the input takes the picture's shape; other networks' pictures are squashed to it.

        Crops of a frame must then have the frame's shape.
        """
        return self.recurrent

    @property
    def averages_pixels(self) -> bool:
        """Whether pictures are halved by averaging first, against noise and fine patterns.

        The official networks were trained on pictures resized bilinearly without smoothing.
        """
        return self.recurrent

    @property
    def stretches_photos(self) -> bool:
        """Whether a photo is scaled by its own maximum and its matte stretched to the full range.

        The authors do so. A crop of the photo would be stretched by another factor than the whole.
        """
        return not self.recurrent


def _u2net() -> nn.Module:
    from u2cam.model.networks.u2net import u2net

    return u2net()


def _u2netp() -> nn.Module:
    from u2cam.model.networks.u2net import u2netp

    return u2netp()


def _u2net_live() -> nn.Module:
    from u2cam.model.networks.u2net_live import U2NetLive

    return U2NetLive()


OFFICIAL_PAGE = "https://github.com/xuebinqin/U-2-Net"


def _drive(file_id: str) -> str:
    """The authors publish on Google Drive; `confirm=t` skips its page about virus scans."""
    return f"https://drive.usercontent.google.com/download?id={file_id}&export=download&confirm=t"


# File ids are those of the authors' README. Sizes and hashes are of the files behind these links
# as published by several projects that check them; u2net_human_seg's hash has a single such
# source, and u2net_portrait's none.
MODELS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="u2net_live",
        purpose="people in front of a camera, real time on a laptop processor; shipped",
        build=_u2net_live,
        recurrent=True,
        input_size_wh=(512, 288),
        live_sizes_wh=((512, 288), (384, 216), (256, 144)),
        size_multiple=4,
        file="u2net_live.pth",
        parameters=607_720,
        licence="MIT",
        # Of the file that is shipped: `python -m u2cam.model.train` prints both at its end.
        sha256="dc835e718bb322ffda613f798720eaa2b4538e62f42c20ff91673cccc9a403b5",
        size_bytes=1_314_107,
    ),
    ModelSpec(
        name="u2netp",
        purpose="the most striking object of any picture; small",
        build=_u2netp,
        recurrent=False,
        input_size_wh=(320, 320),
        live_sizes_wh=((320, 320), (256, 256), (192, 192)),
        size_multiple=1,
        file="u2netp.pth",
        parameters=1_131_181,
        licence="Apache-2.0",
        release_url=OFFICIAL_PAGE,
        download_url=_drive("1rbSTGKAE-MTxBYHd-51l2hMOQPT_7EPy"),
        sha256="e7567cde013fb64813973ce6e1ecc25a80c05c3ca7adbc5a54f3c3d90991b854",
        size_bytes=4_683_258,
    ),
    ModelSpec(
        name="u2net",
        purpose="the most striking object of any picture; best quality, wants a GPU",
        build=_u2net,
        recurrent=False,
        input_size_wh=(320, 320),
        live_sizes_wh=((320, 320), (256, 256), (192, 192)),
        size_multiple=1,
        file="u2net.pth",
        parameters=44_009_869,
        licence="Apache-2.0",
        release_url=OFFICIAL_PAGE,
        download_url=_drive("1ao1ovG1Qtx4b7EoskHXmi2E9rp5CHLcZ"),
        sha256="10025a17f49cd3208afc342b589890e402ee63123d6f2d289a4a0903695cce58",
        size_bytes=176_290_937,
    ),
    ModelSpec(
        name="u2net_human_seg",
        purpose="people, whole or half; steadier on them than u2net, no single hairs; wants a GPU",
        build=_u2net,
        recurrent=False,
        input_size_wh=(320, 320),
        live_sizes_wh=((320, 320), (256, 256), (192, 192)),
        size_multiple=1,
        file="u2net_human_seg.pth",
        parameters=44_009_869,
        licence="Apache-2.0",
        release_url=OFFICIAL_PAGE,
        download_url=_drive("1m_Kgs91b21gayc2XLW0ou8yugAIadWVP"),
        sha256="13f0396e3f6fbc1d7ab55a8558640bef306a59b9110a5c595eb949ff69cf2414",
    ),
    ModelSpec(
        name="u2net_portrait",
        purpose="draws a pencil portrait of a face; not a matte, so not for backgrounds",
        build=_u2net,
        recurrent=False,
        input_size_wh=(512, 512),
        live_sizes_wh=(),
        size_multiple=1,
        file="u2net_portrait.pth",
        parameters=44_009_869,
        licence="Apache-2.0",
        release_url=OFFICIAL_PAGE,
        download_url=_drive("1IG3HdpcRiDoWNookbncQjeaPN28t90yW"),
        for_matting=False,
    ),
)

AUTO_ORDER = ("u2net_live", "u2netp")
"""What `auto` looks for, best first."""


def model_names() -> tuple[str, ...]:
    """Names in the order of the list."""
    return tuple(spec.name for spec in MODELS)


def find_spec(name: str) -> ModelSpec:
    """Return the entry of a name.

    Raises:
        ValueError: the name is not registered; the message lists the names.
    """
    for spec in MODELS:
        if spec.name == name:
            return spec
    raise ValueError(
        f"model {name!r} is not known; choose auto, {', '.join(model_names())} "
        "or the path of a .pth file"
    )
