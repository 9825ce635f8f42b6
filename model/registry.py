"""The networks that the program knows: what each is for, its file, and how pictures are fed to it.

A plain table, read by whoever starts a run or prints `--list-models`. Importing it does not import
torch; an entry's `build` does. Where the files lie and how they are loaded is `weights.py`.
"""

import difflib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from u2cam.core.errors import UsageError, WeightsError
from u2cam.core.nearby import nearby

if TYPE_CHECKING:
    from torch import nn


def _drive(file_id: str) -> str:
    """The authors publish on Google Drive; `confirm=t` skips its page about virus scans."""
    return f"https://drive.usercontent.google.com/download?id={file_id}&export=download&confirm=t"


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One registered network; what is not said otherwise is so for the authors' own."""

    name: str
    purpose: str
    """What it is good for, in one line."""
    architecture: str
    """What makes it, untrained: a function or class in the package `networks`."""
    parameters: int
    """Number of trained values, for the list."""
    recurrent: bool = False
    """Made for live video: its input also has its previous matte, and what follows from that below;
    False: fed as the U²-Net authors do."""
    input_size_wh: tuple[int, int] = (320, 320)
    """Width and height of the network's input, in pixels; non-square sizes turn with the frame."""
    live_sizes_wh: tuple[tuple[int, int], ...] = ((320, 320), (256, 256), (192, 192))
    """Sizes that a live run may choose from to keep its latency, largest first."""
    size_multiple: int = 1
    """Both sides of the input must be multiples of this."""
    licence: str = "Apache-2.0"
    download_url: str | None = None
    """Where the file itself is fetched from; None: it is shipped."""
    sha256: str | None = None
    """Files that are found by their name are held against it; None: they cannot be."""
    size_bytes: int | None = None
    for_matting: bool = True
    """False for a network whose output is not a matte; it is refused for pictures and video."""

    @property
    def file(self) -> str:
        """Name of the weights file in every folder that is searched."""
        return f"{self.name}.pth"

    def build(self) -> "nn.Module":
        """Make the architecture, untrained."""
        network: nn.Module = pkgutil.resolve_name(f"u2cam.model.networks.{self.architecture}")()
        return network

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


# The authors' page: https://github.com/xuebinqin/U-2-Net. File ids are those of their README. Sizes
# and hashes are of the files behind these links as published by several projects that check them;
# u2net_human_seg's hash has a single such source, and u2net_portrait's none.
MODELS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="u2net_live",
        purpose="people in front of a camera, real time on a laptop processor; shipped",
        architecture="u2net_live:U2NetLive",
        parameters=607_720,
        recurrent=True,
        input_size_wh=(512, 288),
        live_sizes_wh=((512, 288), (384, 216), (256, 144)),
        size_multiple=4,
        licence="MIT",
        # Of the file that is shipped: `python -m u2cam.model.train` prints both at its end.
        sha256="dc835e718bb322ffda613f798720eaa2b4538e62f42c20ff91673cccc9a403b5",
        size_bytes=1_314_107,
    ),
    ModelSpec(
        name="u2netp",
        purpose="the most striking object of any picture; small",
        architecture="u2net:u2netp",
        parameters=1_131_181,
        download_url=_drive("1rbSTGKAE-MTxBYHd-51l2hMOQPT_7EPy"),
        sha256="e7567cde013fb64813973ce6e1ecc25a80c05c3ca7adbc5a54f3c3d90991b854",
        size_bytes=4_683_258,
    ),
    ModelSpec(
        name="u2net",
        purpose="the most striking object of any picture; best quality, wants a GPU",
        architecture="u2net:u2net",
        parameters=44_009_869,
        download_url=_drive("1ao1ovG1Qtx4b7EoskHXmi2E9rp5CHLcZ"),
        sha256="10025a17f49cd3208afc342b589890e402ee63123d6f2d289a4a0903695cce58",
        size_bytes=176_290_937,
    ),
    ModelSpec(
        name="u2net_human_seg",
        purpose="people, whole or half; steadier on them than u2net, no single hairs; wants a GPU",
        architecture="u2net:u2net",
        parameters=44_009_869,
        download_url=_drive("1m_Kgs91b21gayc2XLW0ou8yugAIadWVP"),
        sha256="13f0396e3f6fbc1d7ab55a8558640bef306a59b9110a5c595eb949ff69cf2414",
    ),
    ModelSpec(
        name="u2net_portrait",
        purpose="draws a pencil portrait of a face; not a matte, so not for backgrounds",
        architecture="u2net:u2net",
        parameters=44_009_869,
        input_size_wh=(512, 512),
        live_sizes_wh=(),
        download_url=_drive("1IG3HdpcRiDoWNookbncQjeaPN28t90yW"),
        for_matting=False,
    ),
)

FALLBACK_NAME = "grabcut"
"""What to give for `model.name` to do without a network: `model/grabcut.py`."""

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
    close = difflib.get_close_matches(name, model_names(), n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise UsageError(
        f"model {name!r} is not known; {hint}choose auto, {', '.join(model_names())} "
        "or the path of a .pth file"
    )


def looks_like_path(wanted: str) -> bool:
    """Whether a model is given as a file rather than by name."""
    return bool(Path(wanted).suffix) or "/" in wanted or "\\" in wanted


def check_model(wanted: str) -> None:
    """Make sure that the setting `model.name` names a network; nothing is read.

    Raises:
        ValueError: unknown name, or a network that draws no mattes.
        FileNotFoundError: no such file.
        WeightsError: a folder.
    """
    if wanted in ("auto", FALLBACK_NAME):
        return
    if looks_like_path(wanted):
        check_model_file(Path(wanted))
        return
    spec = find_spec(wanted)
    if not spec.for_matting:
        raise UsageError(f"model {spec.name} is not for matting: it {spec.purpose}")


def check_model_file(path: Path) -> None:
    """Make sure that a file of weights is there; nothing is read.

    Raises:
        FileNotFoundError: no such file.
        WeightsError: a folder.
    """
    if not path.exists():
        near = nearby(path)
        hint = f"; did you mean {near}?" if near else ""
        raise FileNotFoundError(f"model file {path} does not exist{hint}")
    if path.is_dir():
        raise WeightsError(f"model file {path} is a folder; give a .pth file inside it")
