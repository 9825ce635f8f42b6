"""The programs under `examples/` run as they stand, on small media made here."""

import importlib.util
import runpy
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from tests.media import Clip, read_rgb
from tests.u2cam.test_matter_call import person

pytestmark = pytest.mark.timeout(120)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TESTED = {"still", "video_progress", "own_source", "own_sink", "matter"}


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_tested_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == TESTED


def test_still(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image, target = tmp_path / "me.png", tmp_path / "cut.png"
    cv2.imwrite(str(image), person(0)[..., ::-1])
    example("still").main(str(image), str(target), "grabcut")
    assert cv2.imread(str(target), cv2.IMREAD_UNCHANGED).shape == (120, 160, 4)
    assert "160x120" in capsys.readouterr().out


def test_video_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = Clip(size_wh=(160, 120), frames=8, draw=person).write(tmp_path / "talk.mp4")
    target = tmp_path / "out.mp4"
    example("video_progress").main(str(clip), str(target), "#00b140", "grabcut")
    assert len(read_rgb(target)) == 8
    assert "100%" in capsys.readouterr().out


def test_own_source(tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    example("own_source").main(str(target), "grabcut")
    assert len(read_rgb(target)) == 60


def test_own_sink() -> None:
    sink = example("own_sink").main("demo", frames=5, model="grabcut")
    assert len(sink.means) == 5
    assert sink.placeholders == 0


def test_matter(capsys: pytest.CaptureFixture[str]) -> None:
    done = runpy.run_path(str(EXAMPLES / "matter.py"))
    assert done["picture"].shape == (144, 256, 3)
    assert np.array_equal(done["alpha"], done["alphas"][0])
    assert "u2net_live" in capsys.readouterr().out
