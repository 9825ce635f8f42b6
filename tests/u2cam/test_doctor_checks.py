"""Every check of the doctor on made-up systems."""

import platform
from pathlib import Path

import pytest

from u2cam.cli.doctor import virtual_camera
from u2cam.cli.doctor.computing import check_device, check_driver, check_weights, driver_version
from u2cam.cli.doctor.inputs import check_cameras
from u2cam.cli.doctor.places import check_places, check_room
from u2cam.cli.doctor.software import (
    ENCODERS,
    check_encoders,
    check_hardware_decoders,
    check_hardware_encoders,
    check_packages,
    check_python,
)
from u2cam.cli.doctor.virtual_camera import SECURE_BOOT, check_loopback, check_opening, secure_boot
from u2cam.model import weights
from u2cam.model.settings import ModelSettings
from u2cam.stream.devices.cameras import LOOPBACK_DRIVER, NO_PERMISSION, Camera, Holder
from u2cam.stream.settings import OutputSettings, VirtualCameraSettings

LOOPBACK = Camera(10, "u2cam", "/dev/video10", LOOPBACK_DRIVER, can_capture=False, can_output=True)


def test_an_old_python_fails() -> None:
    assert check_python((3, 10)).state == "failed"
    assert check_python((3, 12)).state == "ok"


def test_a_missing_package_fails_with_the_command_that_installs_it() -> None:
    finding = check_packages({"python": "3.12", "u2cam": "not installed", "av": "not installed"})
    assert finding.state == "failed" and finding.advice == "pip install av"
    assert check_packages({"u2cam": "not installed", "av": "18"}).state == "ok"


def test_missing_encoders_are_named() -> None:
    assert check_encoders(set(ENCODERS)).state == "ok"
    finding = check_encoders(set(ENCODERS) - {"libx264"})
    assert finding.state == "warning" and "libx264" in finding.found


def test_a_hardware_encoder_counts_only_where_it_encodes() -> None:
    built = {"h264_nvenc", "h264_qsv"}
    finding = check_hardware_encoders(built, lambda name: name == "h264_qsv")
    assert finding.found.startswith("h264_qsv;")
    assert "h264_nvenc" in check_hardware_encoders(built, lambda name: False).found


def test_hardware_decoders_that_can_be_opened_are_named() -> None:
    assert "nvdec; --hw-decode" in check_hardware_decoders(lambda name: name == "nvdec").found
    assert check_hardware_decoders(lambda name: False).found.startswith("none;")


@pytest.mark.parametrize(
    ("built_for", "devices", "wanted", "state"),
    [
        ("12.8", 1, "auto", "ok"),
        ("12.8", 0, "auto", "warning"),
        ("12.8", 0, "cuda:0", "failed"),
        (None, 0, "auto", "warning"),
    ],
)
def test_a_driver_that_does_not_fit_torch_is_told(
    built_for: str | None, devices: int, wanted: str, state: str
) -> None:
    [finding] = check_driver(built_for=built_for, devices=devices, driver=True, wanted=wanted)
    assert finding.state == state
    assert (finding.advice != "") == (state != "ok")


def test_without_a_driver_nothing_is_said_about_it() -> None:
    assert not list(check_driver(built_for=None, devices=0, driver=False, wanted="auto"))


def test_the_drivers_version_is_read(tmp_path: Path) -> None:
    file = tmp_path / "version"
    file.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22\nGCC\n")
    assert driver_version(file) == "550.54.14"
    assert driver_version(tmp_path / "none") == ""


def test_a_device_that_is_not_there_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("u2cam.model.engines.device.cuda_count", lambda: 0)
    finding = check_device(ModelSettings(device="cuda:7"))
    assert finding.state == "failed" and "cuda:7" in finding.found
    assert check_device(ModelSettings(device="cpu")).state == "ok"


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(weights, "search_folders", lambda: (tmp_path,))
    return tmp_path


def test_missing_weights_fail_unless_the_fallback_may_stand_in(no_weights: Path) -> None:
    assert check_weights("auto", allow_fallback=False).state == "failed"
    assert check_weights("auto", allow_fallback=True).state == "warning"
    assert check_weights("u2netp", allow_fallback=True).state == "failed"
    assert check_weights("grabcut", allow_fallback=False).state == "ok"


def test_a_damaged_weights_file_fails(no_weights: Path) -> None:
    (no_weights / "u2netp.pth").write_bytes(b"no weights at all")
    assert check_weights("u2netp", allow_fallback=False).state == "failed"
    assert check_weights(str(no_weights / "u2netp.pth"), allow_fallback=False).state == "failed"


def test_weights_that_fit_but_are_not_the_published_file_fail(no_weights: Path) -> None:
    import torch

    from u2cam.model.registry import find_spec

    path = no_weights / "u2netp.pth"
    torch.save(find_spec("u2netp").build().state_dict(), path)
    finding = check_weights("auto", allow_fallback=False)
    assert finding.state == "failed" and "not the published file" in finding.found


def test_unknown_and_unfit_models_fail() -> None:
    assert check_weights("u3net", allow_fallback=True).state == "failed"
    assert check_weights("u2net_portrait", allow_fallback=True).state == "failed"


def test_cameras_are_told_with_formats_holders_and_permission() -> None:
    cameras = [
        Camera(0, "Integrated", "/dev/video0", "uvc", formats=("MJPG 1280x720 640x480", "YUYV")),
        Camera(2, "Capture", "/dev/video2", "uvc"),
        Camera(3, "Locked", "/dev/video3", problem=NO_PERMISSION),
    ]
    found = list(
        check_cameras(
            cameras,
            needed=True,
            holders_of=lambda path: [Holder(7, "zoom")] if path == "/dev/video2" else [],
        )
    )
    assert [one.state for one in found] == ["ok", "warning", "warning"]
    assert "MJPG 1280x720 640x480" in found[0].found
    assert "zoom (process 7)" in found[1].found
    assert "usermod -aG video" in found[2].advice


def test_no_camera_matters_only_where_one_is_asked_for() -> None:
    assert [one.state for one in check_cameras([], needed=True)] == ["warning"]
    assert [one.state for one in check_cameras([], needed=False)] == ["ok"]


def make_module(root: Path, *, exclusive_caps: str = "Y,N") -> None:
    module = root / "sys/module/v4l2loopback"
    (module / "parameters").mkdir(parents=True)
    (module / "version").write_text("0.12.7\n")
    (module / "parameters/exclusive_caps").write_text(exclusive_caps + "\n")


def test_a_module_that_is_not_installed_fails_only_where_it_is_needed(tmp_path: Path) -> None:
    [needed] = check_loopback([], None, needed=True, root=tmp_path)
    [spare] = check_loopback([], None, needed=False, root=tmp_path)
    assert (needed.state, spare.state) == ("failed", "warning")
    assert "v4l2loopback-dkms" in needed.advice


def test_a_module_that_is_not_loaded_comes_with_the_command_and_the_secure_boot_hint(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "lib/modules" / platform.release() / "updates/dkms"
    folder.mkdir(parents=True)
    (folder / "v4l2loopback.ko.xz").touch()
    [plain] = check_loopback([], None, needed=True, root=tmp_path)
    assert "modprobe v4l2loopback" in plain.advice and "Secure Boot" not in plain.advice
    variable = tmp_path / SECURE_BOOT
    variable.parent.mkdir(parents=True)
    variable.write_bytes(b"\6\0\0\0\1")
    assert secure_boot(tmp_path)
    [signed] = check_loopback([], None, needed=True, root=tmp_path)
    assert "Secure Boot" in signed.advice and "mokutil" in signed.advice


def test_label_caps_and_holders_of_a_loopback_device_are_told(tmp_path: Path) -> None:
    make_module(tmp_path)
    free = list(
        check_loopback([LOOPBACK], None, needed=True, root=tmp_path, holders_of=lambda path: [])
    )
    assert [one.state for one in free] == ["ok", "ok"]
    assert "'u2cam', exclusive_caps=1, free" in free[1].found
    held = list(
        check_loopback(
            [LOOPBACK], None, needed=True, root=tmp_path, holders_of=lambda path: [Holder(5, "obs")]
        )
    )
    assert held[1].state == "warning" and "obs (process 5)" in held[1].found


def test_a_device_without_exclusive_caps_is_told(tmp_path: Path) -> None:
    make_module(tmp_path, exclusive_caps="N")
    found = list(
        check_loopback([LOOPBACK], None, needed=True, root=tmp_path, holders_of=lambda path: [])
    )
    assert found[1].state == "warning" and "exclusive_caps=1" in found[1].advice


def test_the_virtual_camera_is_opened_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyvirtualcam

    from tests.fakes import FakeVirtualBackend

    FakeVirtualBackend.forget()
    monkeypatch.setitem(pyvirtualcam.camera.BACKENDS, "fake", FakeVirtualBackend)
    settings = VirtualCameraSettings(backend="fake")
    assert check_opening(settings).state == "ok"
    assert [one.closed for one in FakeVirtualBackend.instances] == [1]
    FakeVirtualBackend.refuse = "busy"
    assert check_opening(settings).state == "failed"
    FakeVirtualBackend.forget()


def test_programs_of_other_systems_are_looked_for() -> None:
    assert virtual_camera._programs([], "install it", needed=True).state == "failed"
    assert virtual_camera._programs(["OBS Studio"], "", needed=True).state == "ok"


def test_a_full_disk_fails_only_a_recording(tmp_path: Path) -> None:
    assert check_room(10**6, needed=True).state == "failed"
    assert check_room(10**6, needed=False).state == "warning"
    assert check_room(10**11, needed=True).state == "ok"
    files = [str(tmp_path / "a.mp4"), str(tmp_path / "b.xyz")]
    found = list(check_places(files, "rgb", OutputSettings(), lambda path: 10**11))
    assert [one.state for one in found] == ["ok", "failed", "ok"]
