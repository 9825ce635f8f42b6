from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from u2cam.model import export as export_module
from u2cam.model.export import main
from u2cam.model.registry import find_spec
from u2cam.model.weights import load_network

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Untrained weights of the two small networks, in files that name them."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    files = {}
    for name in ("u2netp", "u2net_live"):
        files[name] = folder / f"{name}.pth"
        torch.save(find_spec(name).build().state_dict(), files[name])
    return files


def matte_in_torch(weights: Path, name: str, x: torch.Tensor) -> np.ndarray:
    with torch.inference_mode():
        result: np.ndarray = load_network(find_spec(name), weights)(x).numpy()
    return result


def onnx_session(weights: Path, output: Path, *options: str) -> Any:
    pytest.importorskip("onnx", reason="onnx is not installed")
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    arguments = ["--model", str(weights), "--format", "onnx", "--output", str(output)]
    assert main([*arguments, *options]) == 0
    return onnxruntime.InferenceSession(str(output), providers=["CPUExecutionProvider"])


def test_onnx_of_dynamic_size_agrees_with_torch_at_other_sizes(
    weights: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = onnx_session(weights["u2net_live"], tmp_path / "network.onnx", "--dynamic")
    assert "of PyTorch" in capsys.readouterr().out
    for height, width in ((64, 64), (72, 40), (36, 100)):
        x = torch.randn(1, 4, height, width)
        (got,) = session.run(None, {"input": x.numpy()})
        wanted = matte_in_torch(weights["u2net_live"], "u2net_live", x)
        np.testing.assert_allclose(got, wanted, atol=1e-4)


def test_onnx_of_fixed_size_agrees_with_torch(weights: dict[str, Path], tmp_path: Path) -> None:
    session = onnx_session(weights["u2netp"], tmp_path / "network.onnx", "--size", "48x64")
    x = torch.randn(1, 3, 64, 48)
    (got,) = session.run(None, {"input": x.numpy()})
    np.testing.assert_allclose(got, matte_in_torch(weights["u2netp"], "u2netp", x), atol=1e-4)


def test_onnx_of_half_precision_is_close(weights: dict[str, Path], tmp_path: Path) -> None:
    session = onnx_session(
        weights["u2net_live"], tmp_path / "network.onnx", "--fp16", "--size", "64x36"
    )
    assert session.get_inputs()[0].shape == [1, 4, 36, 64]
    x = torch.randn(1, 4, 36, 64).half()
    (got,) = session.run(None, {"input": x.numpy()})
    wanted = matte_in_torch(weights["u2net_live"], "u2net_live", x.float())
    assert np.abs(got.astype(np.float32) - wanted).max() < 0.02


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_torchscript_agrees_with_torch(weights: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "network.pt"
    arguments = ["--model", str(weights["u2net_live"]), "--format", "torchscript"]
    assert main([*arguments, "--size", "64x36", "--output", str(output)]) == 0
    x = torch.randn(1, 4, 36, 64)
    got = torch.jit.load(str(output))(x).numpy()
    wanted = matte_in_torch(weights["u2net_live"], "u2net_live", x)
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def run_wrongly(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


def test_tensorrt_that_is_not_installed_is_one_line_and_leaves_no_file(
    weights: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    find = export_module.importlib.util.find_spec
    monkeypatch.setattr(
        export_module.importlib.util,
        "find_spec",
        lambda name: None if name == "tensorrt" else find(name),
    )
    monkeypatch.setattr(export_module, "export_onnx", lambda *a, **k: None)
    model = str(weights["u2net_live"])
    output = tmp_path / "network.engine"
    message = run_wrongly(capsys, "--model", model, "--format", "tensorrt", "--output", str(output))
    assert "pip install tensorrt" in message
    assert list(tmp_path.iterdir()) == []


def test_wrong_requests_are_one_line(
    weights: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "x.onnx")
    live = str(weights["u2net_live"])
    assert "not known" in run_wrongly(
        capsys, "--model", "u3net", "--format", "onnx", "--output", output
    )
    assert "does not exist" in run_wrongly(
        capsys, "--model", live, "--format", "onnx", "--output", str(tmp_path / "no" / "x.onnx")
    )
    assert "multiples of 4" in run_wrongly(
        capsys, "--model", live, "--format", "onnx", "--output", output, "--size", "63x36"
    )
