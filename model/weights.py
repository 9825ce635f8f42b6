"""Find, fetch, recognise and load weights.

Runs in the thread that starts the program. A file is searched among the weights shipped with the
program and in the user's cache; then it is downloaded into the cache. What is found by its name is
the published file or is refused; other weights are given by their path. Files are read with
`weights_only=True`, so that a foreign file cannot run code, and loaded strictly.
"""

import logging
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import torch
from torch import Tensor, nn

from u2cam.core.errors import WeightsError
from u2cam.model.download import download, sha256_of
from u2cam.model.registry import MODELS, ModelSpec, check_model_file, find_spec

log = logging.getLogger(__name__)

PRETRAINED_FOLDER = Path(__file__).parent / "pretrained"
"""Weights shipped with the program."""

FULL_U2NET_KEY = "stage1.rebnconv1.conv_s1.weight"
"""In the official layout: (32, 64, 3, 3) in U²-Net, (16, 64, 3, 3) in U²-Netp."""


def search_folders() -> tuple[Path, ...]:
    """The folders where weights are looked for, in order; the last one is downloaded into."""
    return (PRETRAINED_FOLDER, cache_folder())


def cache_folder() -> Path:
    """The user's cache of weights."""
    return platformdirs.user_cache_path("u2cam") / "weights"


def find_weights(spec: ModelSpec) -> Path | None:
    """Return the weights file of a network if it is on this machine; not verified."""
    for folder in search_folders():
        path = folder / spec.file
        if path.is_file():
            return path
    return None


def verify_weights(spec: ModelSpec, path: Path) -> None:
    """Make sure that a file which was found by its name is the published one.

    Raises:
        WeightsError: it is another, or cannot be read.
    """
    if spec.sha256 is None:
        log.warning("model %s: no published hash is known, %s is not verified", spec.name, path)
        return
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise WeightsError(f"model file {path} cannot be read ({error.strerror})") from error
    if digest != spec.sha256:
        again = (
            "delete it to fetch that again" if spec.download_url else "install the program again"
        )
        raise WeightsError(
            f"model {spec.name}: {path} is not the published file (sha256 {digest[:12]}…, wanted "
            f"{spec.sha256[:12]}…); {again}, or give your own weights by their path"
        )


def fetch_weights(spec: ModelSpec, *, show_progress: bool = True) -> Path:
    """Return the weights file of a network, verified, downloaded if it is not on this machine.

    Raises:
        FileNotFoundError: it is nowhere and cannot be downloaded.
        WeightsError: what is on this machine is not the published file.
        DownloadError: the download failed.
    """
    found = find_weights(spec)
    if found is not None:
        verify_weights(spec, found)
        return found
    if spec.download_url is None:
        raise FileNotFoundError(
            f"model {spec.name}: {spec.file} is in none of "
            f"{', '.join(str(folder) for folder in search_folders())}"
        )
    path = cache_folder() / spec.file
    log.info("model %s: downloading %s into %s", spec.name, spec.file, path.parent)
    if spec.sha256 is None:
        log.warning("model %s: no published hash is known, the file is not verified", spec.name)
    download(
        spec.download_url,
        path,
        sha256=spec.sha256,
        size_bytes=spec.size_bytes,
        show_progress=show_progress,
    )
    return path


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict onto the CPU.

    Accepts a bare state dict and one under the key `model` or `state_dict`, each with or without
    the `module.` prefix that `DataParallel` leaves.

    Raises:
        FileNotFoundError: no such file.
        WeightsError: not a file of weights.
    """
    check_model_file(path)
    foreign = WeightsError(f"model file {path} is not PyTorch weights; give a .pth state dict")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of foreign files, which are refused below anyway.
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        zipfile.BadZipFile,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
    ) as error:
        raise foreign from error
    except OSError as error:
        raise WeightsError(f"model file {path} cannot be read ({error.strerror})") from error
    for key in ("model", "state_dict"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not content:
        raise foreign
    if not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items()):
        raise foreign
    return {key.removeprefix("module."): value for key, value in content.items()}


def recognise(state: Mapping[str, Tensor], path: Path) -> ModelSpec:
    """Return the registered network that a state dict belongs to, by its keys.

    The file's name decides between networks of one architecture (`u2net`, `u2net_human_seg`,
    `u2net_portrait`).

    Raises:
        WeightsError: no network has such keys.
    """
    if FULL_U2NET_KEY in state:
        name = "u2netp" if state[FULL_U2NET_KEY].shape[0] == 16 else "u2net"
        named = [s for s in MODELS if s.name == path.stem and s.parameters > 40_000_000]
        return named[0] if name == "u2net" and named else find_spec(name)
    if any(key.startswith("encode1.") for key in state):
        return find_spec("u2net_live")
    raise WeightsError(
        f"model file {path} holds no U²-Net: none of its {len(state)} keys is {FULL_U2NET_KEY}"
    )


def load_network(
    spec: ModelSpec, path: Path, state: Mapping[str, Tensor] | None = None
) -> nn.Module:
    """Build a network and load its weights, every key matched.

    Args:
        spec: the network.
        path: its weights.
        state: what was read from there; None: it is read now.

    Returns:
        The network on the CPU in fp32, in eval mode, its parameters without gradients.

    Raises:
        FileNotFoundError: no such file.
        WeightsError: not this network's weights; names the first key that differs.
    """
    if state is None:
        state = read_state(path)
    network = spec.build()
    wanted = network.state_dict()
    problems = [f"lacks {key}" for key in wanted if key not in state]
    problems += [f"has unknown {key}" for key in state if key not in wanted]
    problems += [
        f"has {key} of shape {tuple(state[key].shape)}, wanted {tuple(wanted[key].shape)}"
        for key in wanted
        if key in state and state[key].shape != wanted[key].shape
    ]
    if problems:
        more = f" and {len(problems) - 1} more such" if len(problems) > 1 else ""
        raise WeightsError(f"model file {path} is not {spec.name}: it {problems[0]}{more}")
    network.load_state_dict(state, strict=True)
    return network.eval().requires_grad_(False)
