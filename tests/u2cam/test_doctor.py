"""The doctor's verdict and its report, with checks replaced where they would take seconds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeSource
from u2cam.cli.arguments import parse
from u2cam.cli.doctor import report
from u2cam.cli.doctor.finding import Finding, failed, ok, warning
from u2cam.cli.doctor.redact import redact
from u2cam.cli.doctor.self_test import Measured, check_self_test
from u2cam.cli.main import main
from u2cam.core.errors import UsageError
from u2cam.settings import Settings


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Finding]]:
    """All checks answer from a table."""
    answers: dict[str, list[Finding]] = {"computing": [ok("device", "cpu")]}

    def answer(name: str) -> Any:
        return lambda *a, **k: iter(answers.get(name, []))

    for name in ("software", "computing", "inputs", "virtual_camera", "places"):
        monkeypatch.setattr(report, f"check_{name}", answer(name))
    monkeypatch.setattr(report, "check_self_test", lambda *a: ok("self-test", "30 fps"))
    return answers


def run(*argv: str) -> int:
    return report.doctor(parse(["--doctor", *argv]), Settings(), as_json="--json" in argv)


def test_exit_code_is_0_where_nothing_failed(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    quick["inputs"] = [warning("camera 1", "held by x")]
    assert run("-i", "demo", "-o", "null") == 0
    assert "would NOT work" not in capsys.readouterr().out


def test_exit_code_is_1_where_something_failed_and_says_what_to_do(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    quick["inputs"] = [failed("input", "camera 0: not there", "plug one in")]
    assert run() == 1
    said = capsys.readouterr().out
    assert "FAILED" in said and "-> plug one in" in said and "would NOT work" in said


def test_contradicting_options_fail_like_the_run_would(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-i", "demo") == 1  # a file without an output
    assert "an output is needed" in capsys.readouterr().out


def test_the_self_test_is_left_out_where_there_are_no_weights(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    quick["computing"] = [failed("weights", "not here", "download them")]
    assert run("-i", "demo", "-o", "null") == 1
    assert "left out" in capsys.readouterr().out


def test_the_virtual_camera_has_to_be_there_only_for_an_output_to_it(
    quick: dict[str, list[Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def check(settings: object, *, needed: bool) -> Iterator[Finding]:
        asked.append(needed)
        return iter(())

    monkeypatch.setattr(report, "check_virtual_camera", check)
    run("-i", "demo", "-o", "null")
    run("-i", "0")
    assert asked == [False, True]


def test_json_tells_every_finding_and_the_verdict(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    quick["inputs"] = [failed("input", "gone", "look for it")]
    assert run("-i", "demo", "-o", "null", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["works"] is False
    assert {"name": "input", "state": "failed", "found": "gone", "advice": "look for it"} in report[
        "findings"
    ]


def test_json_names_nobody(
    quick: dict[str, list[Finding]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/annalena")
    monkeypatch.setenv("LOGNAME", "annalena")
    monkeypatch.setattr("socket.gethostname", lambda: "annas-laptop.local")
    quick["inputs"] = [
        failed(
            "input",
            "camera /dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_8F3C2A1F-video-index0 of annalena",
            "see /home/annalena/.config/u2cam on annas-laptop or rtsp://anna:geheim@10.0.0.7/x",
        )
    ]
    run("-i", "private/anna.mp4", "-o", "private/out.mp4", "--json")
    said = capsys.readouterr().out
    for secret in ("anna", "8F3C2A1F", "geheim", "10.0.0.7", ".config"):
        assert secret not in said.lower(), said


@pytest.mark.parametrize("kept", ["/dev/video10 busy", "1280x720 at 30 fps", "cpu, 1/2 of it"])
def test_redaction_keeps_what_names_nobody(kept: str) -> None:
    assert redact(kept) == kept


def test_json_without_doctor_is_refused() -> None:
    with pytest.raises(UsageError, match="--json goes with --doctor"):
        parse(["--json"])


def test_the_doctor_is_reached_from_the_command_line(
    quick: dict[str, list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--doctor", "-i", "demo", "-o", "null"]) == 0
    assert "works" in capsys.readouterr().out


def measured(**changed: Any) -> Measured:
    facts: dict[str, Any] = {
        "network": "n on cpu",
        "size_wh": (1280, 720),
        "rate": 30.0,
        "fps": 30.0,
        "latency_ms": 40.0,
        "dropped": 0,
        "placeholders": 0,
    }
    return Measured(**(facts | changed))


@pytest.mark.parametrize(
    ("changed", "state"), [({}, "ok"), ({"fps": 12.0}, "warning"), ({"placeholders": 9}, "warning")]
)
def test_the_self_test_judges_rate_and_placeholders(changed: dict[str, Any], state: str) -> None:
    finding = check_self_test(parse([]), Settings(), lambda *a: measured(**changed))
    assert finding.state == state
    assert "latency 40 ms" in finding.found and "dropped" in finding.found


def test_a_self_test_that_breaks_is_a_failure_with_its_reason() -> None:
    def broken(*_: object) -> Measured:
        raise RuntimeError("no memory")

    finding = check_self_test(parse([]), Settings(), broken)
    assert finding.state == "failed" and "RuntimeError: no memory" in finding.found


def test_the_self_test_runs_the_real_engine() -> None:
    arguments = parse(["-m", "grabcut", "-b", "green", "--width", "160", "--height", "90"])
    settings = Settings.model_validate(
        {"model": {"name": "grabcut"}, "capture": {"width": 160, "height": 90}}
    )
    finding = check_self_test(arguments, settings)
    assert finding.state != "failed", finding
    assert "160x90" in finding.found


def test_the_input_is_opened_and_read() -> None:
    from u2cam.cli.doctor.inputs import check_source

    image = np.zeros((36, 64, 3), np.uint8)
    source = FakeSource([image], live=True)
    finding = check_source(source)
    assert finding.state == "ok" and "64x36" in finding.found
    assert source.closed
    assert check_source(FakeSource([image], fail_at=0)).state == "failed"


def test_a_missing_file_is_report(tmp_path: Path) -> None:
    from u2cam.cli.doctor.inputs import check_source
    from u2cam.stream.sources.video import FileSource

    finding = check_source(FileSource(str(tmp_path / "none.mp4")))
    assert finding.state == "failed"
