"""What an import or --help must not wait for, and what a library leaves alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "cv2", "openvino", "numba", "av", "pydantic", "rich")


def python(program: str, folder: Path, *argv: str) -> str:
    """Run a program in a folder, with what is installed; return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", program, *argv],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(program: str, folder: Path, *argv: str) -> set[str]:
    """Return which of the heavy packages a program has imported at its end."""
    printed = f"\nprint('|', *[name for name in {HEAVY!r} if name in sys.modules])"
    return set(python(f"import sys\n{program}{printed}", folder, *argv).rpartition("|")[2].split())


def test_the_import_is_light(tmp_path: Path) -> None:
    assert not loaded("import u2cam; dir(u2cam); u2cam.SourceError", tmp_path)


@pytest.mark.parametrize("argv", [["--help"], ["--frames", "many"]])
def test_help_and_mistakes_answer_without_torch_and_opencv(tmp_path: Path, argv: list[str]) -> None:
    program = "import u2cam.cli.entry as e\ntry: e.main()\nexcept SystemExit: pass"
    assert not loaded(program, tmp_path, *argv)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["-b", "gone.jpg"], "background gone.jpg: no such file"),
        (["-b", "studoi"], "did you mean studio?"),
        (["-b", "blur:99"], "background blur:99: strength must be"),
        (["-b", "~no-such-user/x.jpg"], "no such user"),
        (["-b", "n" * 300], "cannot be a file (File name too long)"),
        (["-i", "gone.mp4"], "gone.mp4: no such file or folder"),
        (["-i", "dmeo"], "did you mean demo?"),
        (["-i", "mep.mp4"], "did you mean me.mp4?"),
        (["-i", "gone%02d.png"], "no file fits this pattern"),
        (["-i", ""], "--input: an empty name"),
        (["-i", "n" * 300], "no such file"),
        (["-m", "u2nett"], "did you mean u2net"),
        (["-m", "gone.pth"], "gone.pth does not exist"),
        (["-m", "u2net_portrait"], "not for matting"),
        (["-o", "out.xyz"], "unknown ending"),
        (["-o", "gone/out.mp4"], "folder gone does not exist"),
        (["-o", "out.mp4"], "given twice"),
        (["-i", "me.mp4", "-o", "me.mp4"], "is the input itself"),
        (["--view", "cutout"], ".mp4 cannot hold alpha"),
        (["-o", "window", "--view", "cutout"], "window: cannot show transparency"),
        (["-o", "y4m:-", "--view", "cutout"], "y4m cannot hold alpha; take mkv:- or png:-"),
        (["-o", "mp4:-"], "standard output takes mkv:-"),
        (["--place", "0.5,top,left"], "over a new background only"),
        (["--stats", "gone/s.json"], "--stats gone/s.json: not a file"),
        (["--config", "gone.toml"], "gone.toml: there is no such file"),
        (["--set", "matte.lo=0"], "did you mean matte.low?"),
        (["--set", "model.name=u2nett"], "did you mean u2net"),
    ],
)
def test_what_the_words_tell_is_said_before_the_slow_imports(
    tmp_path: Path, argv: list[str], said: str
) -> None:
    (tmp_path / "me.mp4").write_text("not looked into")
    program = """
import contextlib, io, sys
from u2cam.cli.main import main
with contextlib.redirect_stderr(io.StringIO()) as heard:
    assert main(sys.argv[1:]) == 2
print(heard.getvalue())
print([name for name in ("torch", "cv2", "openvino", "numba") if name in sys.modules])
"""
    given = ["-i", "demo", "-o", "out.mp4", *argv]
    first, *rest = python(program, tmp_path, *given).splitlines()
    assert said in first
    assert rest == ["", "[]"]


def test_an_output_that_is_missing_is_said_before_the_slow_imports(tmp_path: Path) -> None:
    program = "import sys\nfrom u2cam.cli.main import main\nassert main(sys.argv[1:]) == 2"
    assert not loaded(program, tmp_path, "-i", "demo") & {"torch", "cv2", "openvino", "numba"}


def test_settings_need_no_torch_and_no_opencv(tmp_path: Path) -> None:
    assert not loaded("import u2cam; u2cam.Settings()", tmp_path) & {"torch", "cv2", "openvino"}


def test_packages_of_the_user_named_like_our_folders_are_not_ours(tmp_path: Path) -> None:
    for name in ("model", "stream", "effects"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("OWNER = 'user'\n")
    program = """
import model, stream, effects
import u2cam, u2cam.model.registry, u2cam.stream.settings, u2cam.core.choices
u2cam.Matter
print(model.OWNER, stream.OWNER, effects.OWNER)
"""
    assert python(program, tmp_path).split() == ["user"] * 3


def test_a_library_leaves_the_process_alone(tmp_path: Path) -> None:
    program = """
import logging, os, sys, warnings
import cv2, numpy as np, torch  # OpenCV changes the environment by itself
torch.set_num_threads(3)
seed, environment = torch.initial_seed(), dict(os.environ)
before = torch.get_rng_state(), np.random.get_state()[1].copy(), list(warnings.filters)
import u2cam
for engine in ("torch", "openvino"):
    settings = {"model": {"threads": 2, "engine": engine}}
    try:
        with u2cam.Matter("u2net_live", device="cpu", settings=settings) as matter:
            matter(np.zeros((48, 64, 3), np.uint8))
    except u2cam.EngineError:
        assert engine == "openvino"
assert torch.get_num_threads() == 3, torch.get_num_threads()
assert torch.initial_seed() == seed and torch.equal(torch.get_rng_state(), before[0])
assert (np.random.get_state()[1] == before[1]).all()
assert warnings.filters == before[2]
assert logging.root.level == logging.WARNING and not logging.root.handlers
assert logging.getLogger("u2cam").level == 0 and not logging.getLogger("u2cam").handlers
assert dict(os.environ) == environment
assert "openvino_telemetry" not in sys.modules
"""
    python(program, tmp_path)


def test_the_program_gives_pytorch_the_threads_of_the_settings(tmp_path: Path) -> None:
    program = """
import torch
from u2cam.cli.main import main
assert main(["--list-models", "--set", "model.threads=3"]) == 0
assert torch.get_num_threads() == 3
"""
    python(program, tmp_path)
