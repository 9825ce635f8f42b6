"""The prepared GPU session: its parts are processes that may fail or take too long."""

import json
import os
import time
from pathlib import Path

import pytest

from bench import gpu_session
from bench.gpu_session import Session, commands, copy_results, hold, link_package, parse


@pytest.fixture
def session(tmp_path: Path) -> Session:
    for name, text in {"quick": "print('done')", "slow": "import time; time.sleep(50)"}.items():
        (tmp_path / f"{name}_part.py").write_text(text)
    (tmp_path / "out").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    return Session(tmp_path / "out", tmp_path, "cpu", False, time.monotonic() + 600, environment)


def test_a_part_that_fails_or_hangs_does_not_stop_the_next(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = {"correctness": ["no_part"], "speed": ["slow_part"], "streams": ["quick_part"]}
    monkeypatch.setattr(gpu_session, "commands", lambda *_: planned)
    monkeypatch.setattr(gpu_session, "LIMIT_S", {"speed": 1.0})
    states = hold(session, parse(["--out", str(session.out)]))
    assert states["correctness"] == "FAILED with code 1"
    assert states["speed"].startswith("stopped at its limit")
    assert states["streams"].endswith(" s")
    assert "done" in (session.out / "log.txt").read_text()


def test_the_report_has_what_is_known(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    (session.out / "speed.json").write_text(json.dumps({"markdown": "| a | table |"}))
    (session.out / "rvm.json").write_text(json.dumps({"ms": 4}))
    gpu_session.report(session.out, {"speed": "3 s", "rvm": "2 s"}, {"train": "not run"})
    text = (session.out / "report.md").read_text()
    assert "| a | table |" in text and '"ms": 4' in text and "| train | not run |" in text


def test_training_gets_what_time_is_left_and_none_where_too_little(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def note(_: Session, name: str, command: list[str], limit_s: float, look: object) -> str:
        given.append((name, command[-1], limit_s))
        return "0 s"

    monkeypatch.setattr(gpu_session, "run", note)
    monkeypatch.setattr(gpu_session, "commands", lambda *_: {"train": ["train"]})
    hold(session, parse(["--out", str(session.out)]))
    ((_, budget, limit_s),) = given
    assert 560 < limit_s < 600
    assert budget.startswith("minutes=") and 7 < float(budget.partition("=")[2]) < 8
    short = Session(session.out, session.work, "cpu", False, time.monotonic() + 30, {})
    assert hold(short, parse(["--out", str(session.out)])) == {"train": "no time left"}


def test_checkpoints_are_copied_when_new_and_small_enough(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    out.mkdir()
    (run / "best.pt").write_bytes(b"first")
    (run / "log.csv").write_bytes(b"x" * (gpu_session.LARGEST_FILE + 1))
    copy_results(run, out)
    assert [path.name for path in out.iterdir()] == ["train_best.pt"]
    (run / "best.pt").write_bytes(b"second")
    os.utime(run / "best.pt", (time.time() + 9, time.time() + 9))
    copy_results(run, out)
    assert (out / "train_best.pt").read_bytes() == b"second"


def test_parts_without_their_files_are_left_out(session: Session, tmp_path: Path) -> None:
    options = parse(["--out", str(tmp_path)])
    assert list(commands(session, options)) == ["correctness", "speed", "streams"]
    (tmp_path / "data.zip").touch()
    (tmp_path / "rvm").mkdir()
    files = ["--packed", str(tmp_path / "data.zip"), "--rvm", str(tmp_path / "rvm")]
    options = parse(["--out", str(tmp_path), *files, "--parts", "rvm,train"])
    assert list(commands(session, options)) == ["rvm", "train"]


def test_a_fresh_checkout_needs_no_installation(tmp_path: Path) -> None:
    link_package(tmp_path)
    for place in ("__init__.py", "stream/pipeline.py", "model/build.py", "effects/settings.py"):
        assert (tmp_path / "u2cam" / place).is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--parts", "speed,fun"], "no 'fun'"), (["--packed", "none.zip"], "none.zip: not there")],
)
def test_mistakes_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(["--out", "x", *arguments])
    assert message in capsys.readouterr().err
