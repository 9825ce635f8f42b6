"""The built wheel: what is in it, and that it works with nothing else of ours around."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.media import read_times

pytestmark = pytest.mark.timeout(200)
ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("u2cam", "imaging", "stream", "model", "effects")
FILES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "config.toml")


def built(folder: Path, hook: str) -> Path:
    """Build a distribution from a copy of the checkout, without a network."""
    needed = 77
    try:
        there = importlib.metadata.version("setuptools")
    except importlib.metadata.PackageNotFoundError:
        there = "0"
    if int(there.split(".")[0]) < needed:
        pytest.skip(f"setuptools {needed} is not installed here, and none is downloaded")
    source = folder / "source"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    program = f"from setuptools import build_meta as b; b.{hook}({str(folder)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=source, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    (made,) = [path for path in folder.iterdir() if path.name.startswith("u2cam-")]
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"), "build_wheel")


def test_the_wheel_has_one_top_level_and_all_that_a_run_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        info = next(name for name in names if name.endswith("/entry_points.txt"))
        commands = files.read(info).decode()
        config = files.read("u2cam/config.toml")
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"u2cam"}
    assert {
        "u2cam/py.typed",
        "u2cam/__main__.py",
        "u2cam/model/pretrained/u2net_live.pth",
        "u2cam/stream/sources/assets/demo.m4a",
    } <= names
    assert "u2cam = u2cam.cli.entry:main" in commands
    assert config == (ROOT / "config.toml").read_bytes()
    assert not [name for name in names if "tests/" in name or "__pycache__" in name]


def test_every_module_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        packed = {name for name in files.namelist() if name.endswith(".py")}
    there = set()
    for folder in FOLDERS:
        top = "u2cam" if folder == "u2cam" else f"u2cam/{folder}"
        for path in (ROOT / folder).rglob("*.py"):
            there.add(f"{top}/{path.relative_to(ROOT / folder).as_posix()}")
    assert packed == there


def test_installed_elsewhere_the_demo_becomes_a_file(wheel: Path, tmp_path: Path) -> None:
    site, here = tmp_path / "site", tmp_path / "here"
    here.mkdir()
    with zipfile.ZipFile(wheel) as files:
        files.extractall(site)
    (here / "model").mkdir()  # a package of the user's own, beside the call
    (here / "model" / "__init__.py").write_text("raise SystemExit('not yours')\n")
    environment = {**os.environ, "PYTHONPATH": str(site), "XDG_CONFIG_HOME": str(here)}
    demo = ("-m", "u2cam", "-i", "demo", "-o", "demo.mp4", "--frames", "3", "-m", "grabcut")
    where = "import u2cam.settings as s; print(s.__file__, s.shipped_config())"
    for arguments in (demo, ("-c", where)):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(site / "u2cam" / "settings.py"),
        str(site / "u2cam" / "config.toml"),
    ]
    assert len(read_times(here / "demo.mp4")) == 3


def test_a_source_distribution_has_the_settings_that_a_wheel_needs(tmp_path: Path) -> None:
    with tarfile.open(built(tmp_path, "build_sdist")) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"config.toml", "setup.py", "pyproject.toml", "u2cam/py.typed"} <= names
