"""Write a network as ONNX, TorchScript or a TensorRT engine: `python -m u2cam.model.export --help`.

The file holds the bare network with its batch norms folded: input `input` (1, 3 or 4, H, W),
normalised as in `preprocess.py` and `levels.py`, output `alpha` (1, 1, H, W) in [0, 1]. A command
line of its own; nothing of the live program imports it.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.registry import ModelSpec, find_spec, looks_like_path
from u2cam.model.weights import fetch_weights, load_network, read_state, recognise

OPSET = 17
"""ONNX operator set; every runtime of the last years reads it."""

DYNAMIC_PX = (64, 320, 1088)
"""Smallest, usual and largest side of a TensorRT engine of dynamic size."""


class ExportError(ValueError):
    """The export cannot be made; says what is missing."""


def open_network(name: str) -> tuple[ModelSpec, nn.Module]:
    """Load a registered network or a `.pth` file, in eval mode, its batch norms folded."""
    path = Path(name) if looks_like_path(name) else fetch_weights(find_spec(name))
    state = read_state(path)
    spec = recognise(state, path) if looks_like_path(name) else find_spec(name)
    return spec, fold_batch_norm(load_network(spec, path, state))


def example_input(spec: ModelSpec, size_wh: tuple[int, int], dtype: torch.dtype) -> Tensor:
    """Make a seeded input (1, C, H, W) such as the network gets."""
    width, height = size_wh
    generator = torch.Generator().manual_seed(0)
    picture = torch.rand(1, spec.input_channels, height, width, generator=generator)
    return (picture * 4 - 2).to(dtype)


def export_onnx(network: nn.Module, example: Tensor, output: Path, *, dynamic: bool) -> None:
    """Write ONNX with one input, `input`, and one output, `alpha`.

    Raises:
        ExportError: the package onnx is not installed.
    """
    if importlib.util.find_spec("onnx") is None:
        raise ExportError("export to onnx needs the package onnx; pip install onnx")
    axes = {2: "height", 3: "width"}
    with warnings.catch_warnings():
        # The exporter by tracing is the one that needs no further packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            str(output),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=["alpha"],
            dynamic_axes={"input": axes, "alpha": axes} if dynamic else None,
        )


def export_torchscript(network: nn.Module, example: Tensor, output: Path) -> None:
    """Write TorchScript, traced and frozen; it takes other sizes too."""
    trace: Any = torch.jit.trace  # Without annotations of its own.
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.jit.freeze(trace(network, example, check_trace=False)).save(str(output))


def export_tensorrt(onnx_file: Path, output: Path, *, dynamic: bool, fp16: bool) -> None:
    """Build a TensorRT engine for this machine's GPU from an ONNX file.

    Raises:
        ExportError: TensorRT is not installed or refuses the network.
    """
    if importlib.util.find_spec("tensorrt") is None:
        raise ExportError(
            "export to tensorrt needs an NVIDIA GPU and its package; pip install tensorrt, "
            "or export to onnx and build the engine on that machine with trtexec"
        )
    trt: Any = importlib.import_module("tensorrt")
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    definition = builder.create_network(0)
    parser = trt.OnnxParser(definition, logger)
    if not parser.parse(onnx_file.read_bytes()):
        raise ExportError(f"tensorrt refuses the network: {parser.get_error(0).desc()}")
    config = builder.create_builder_config()
    if fp16:
        config.set_flag(trt.BuilderFlag.FP16)
    if dynamic:
        channels = definition.get_input(0).shape[1]
        profile = builder.create_optimization_profile()
        profile.set_shape("input", *((1, channels, side, side) for side in DYNAMIC_PX))
        config.add_optimization_profile(profile)
    engine = builder.build_serialized_network(definition, config)
    if engine is None:
        raise ExportError("tensorrt built no engine; its own messages above say why")
    output.write_bytes(bytes(engine))


def onnx_difference(network: nn.Module, example: Tensor, onnx_file: Path) -> float | None:
    """Largest difference between ONNX Runtime and PyTorch; None without ONNX Runtime."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    onnxruntime: Any = importlib.import_module("onnxruntime")
    session = onnxruntime.InferenceSession(str(onnx_file), providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"input": example.numpy()})
    with torch.inference_mode():
        wanted = network(example).float().numpy()
    return float(np.abs(got.astype(np.float32) - wanted).max())


def export(arguments: argparse.Namespace) -> str:
    """Do what the command line says; the file appears when complete.

    Returns:
        One line for the user.
    """
    output: Path = arguments.output
    if not output.parent.is_dir():
        raise ExportError(f"folder {output.parent} does not exist; make it first")
    spec, network = open_network(arguments.model)
    size_wh = arguments.size or spec.input_size_wh
    if any(side % spec.size_multiple for side in size_wh):
        raise ExportError(f"model {spec.name} takes sizes in multiples of {spec.size_multiple}")
    dtype = torch.float16 if arguments.fp16 else torch.float32
    # TensorRT lowers the precision itself, from a network in full precision.
    example = example_input(
        spec, size_wh, torch.float32 if arguments.format == "tensorrt" else dtype
    )
    network = network.to(example.dtype)
    checked = ""
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        part = Path(folder) / output.name
        if arguments.format == "torchscript":
            export_torchscript(network, example, part)
        elif arguments.format == "onnx":
            export_onnx(network, example, part, dynamic=arguments.dynamic)
            difference = onnx_difference(network, example, part)
            checked = "" if difference is None else f", within {difference:.1e} of PyTorch"
        else:
            onnx_file = Path(folder) / "network.onnx"
            export_onnx(network, example, onnx_file, dynamic=arguments.dynamic)
            export_tensorrt(onnx_file, part, dynamic=arguments.dynamic, fp16=arguments.fp16)
        os.replace(part, output)
    size = "any size" if arguments.dynamic else f"{size_wh[0]}x{size_wh[1]}"
    kind = "fp16" if arguments.fp16 else "fp32"
    return f"{output}: {spec.name}, {arguments.format}, {size}, {kind}{checked}"


def size_of(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT of a command line."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write for example 512x288")
    return int(width), int(height)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0: done, 2: one line on stderr says why not."""
    parser = argparse.ArgumentParser(
        prog="python -m u2cam.model.export",
        description="Write a network as ONNX, TorchScript or a TensorRT engine.",
    )
    parser.add_argument("--model", required=True, help="a name from --list-models or a .pth file")
    parser.add_argument("--format", required=True, choices=["onnx", "torchscript", "tensorrt"])
    parser.add_argument("--output", required=True, type=Path, help="the file to write")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--size", type=size_of, help="WxH of the input; default: the model's own")
    sizes.add_argument("--dynamic", action="store_true", help="take any height and width")
    parser.add_argument("--fp16", action="store_true", help="half precision")
    arguments = parser.parse_args(argv)
    try:
        print(export(arguments))
    except (ValueError, OSError) as error:
        print(f"model.export: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
