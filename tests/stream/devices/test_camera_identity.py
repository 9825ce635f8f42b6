import sys
from pathlib import Path

import pytest

from u2cam.stream.devices import camera_identity
from u2cam.stream.devices.camera_identity import identify
from u2cam.stream.devices.cameras import Camera

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="udev's names")


def camera(number: int, name: str = "Cam", bus: str = "usb-1", folder: str = "/dev") -> Camera:
    return Camera(number, name, f"{folder}/video{number}", bus=bus)


class TestByNameAndPlace:
    """Where udev has no names, as in a container."""

    @pytest.fixture(autouse=True)
    def no_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(camera_identity, "LINKS", tmp_path)

    def test_place_comes_before_name_and_the_number_never_counts(self) -> None:
        was = identify(0, [camera(0)])
        assert was is not None
        elsewhere, same = camera(1, bus="usb-3"), camera(2)
        assert was.find([elsewhere, same]) is same
        assert was.find([elsewhere]) is elsewhere
        assert was.find([camera(0, "Another")]) is None
        assert was.find([]) is None

    def test_its_same_model_that_was_there_all_along_is_not_it(self) -> None:
        same_model = camera(2, bus="usb-2")
        was = identify(0, [camera(0), same_model])
        assert was is not None
        assert was.find([same_model]) is None
        moved = camera(5, bus="usb-7")
        assert was.find([same_model, moved]) is moved

    def test_nothing_is_known_of_a_device_without_a_name(self) -> None:
        assert identify(0, [camera(0, "")]) is None
        assert identify(7, [camera(0)]) is None


class TestByLink:
    """Where udev names cameras by model and serial number."""

    @pytest.fixture
    def dev(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "v4l" / "by-id").mkdir(parents=True)
        monkeypatch.setattr(camera_identity, "LINKS", tmp_path / "v4l")
        monkeypatch.setattr(
            camera_identity,
            "device_path",
            lambda device: (
                str(tmp_path / f"video{device}")
                if isinstance(device, int)
                else str(Path(device).resolve())
            ),
        )
        return tmp_path

    def plug(self, dev: Path, serial: str, number: int, bus: str) -> Camera:
        (dev / f"video{number}").touch()
        link = dev / "v4l" / "by-id" / f"usb-Maker_Cam_{serial}-video-index0"
        link.unlink(missing_ok=True)
        link.symlink_to(dev / f"video{number}")
        return camera(number, bus=bus, folder=str(dev))

    def unplug(self, dev: Path, serial: str, number: int) -> None:
        (dev / "v4l" / "by-id" / f"usb-Maker_Cam_{serial}-video-index0").unlink()
        (dev / f"video{number}").unlink()

    def test_the_serial_number_finds_it_in_another_socket_under_another_number(
        self, dev: Path
    ) -> None:
        was = identify(0, [self.plug(dev, "A1", 0, "usb-1")])
        assert was is not None
        self.unplug(dev, "A1", 0)
        other = self.plug(dev, "B2", 0, "usb-9")
        assert was.find([other]) is None, "the same model with another serial number"
        back = self.plug(dev, "A1", 4, "usb-5")
        assert was.find([other, back]) is back

    def test_the_same_model_in_the_same_socket_will_do(self, dev: Path) -> None:
        was = identify(0, [self.plug(dev, "A1", 0, "usb-1")])
        assert was is not None
        self.unplug(dev, "A1", 0)
        spare = self.plug(dev, "B2", 0, "usb-1")
        assert was.find([spare]) is spare

    def test_same_models_without_serial_numbers_share_a_link_and_are_not_confused(
        self, dev: Path
    ) -> None:
        ours = self.plug(dev, "X", 0, "usb-1")
        was = identify(0, [ours, camera(1, bus="usb-2", folder=str(dev))])
        assert was is not None
        self.unplug(dev, "X", 0)
        same_model = self.plug(dev, "X", 1, "usb-2")  # udev lets the link point to who is left
        assert was.find([same_model]) is None

    def test_a_link_that_the_user_gave_is_all_that_counts(self, dev: Path) -> None:
        ours = self.plug(dev, "A1", 0, "usb-1")
        link = str(dev / "v4l" / "by-id" / "usb-Maker_Cam_A1-video-index0")
        was = identify(link, [ours])
        assert was is not None and was.named_by_link
        self.unplug(dev, "A1", 0)
        assert was.find([self.plug(dev, "B2", 0, "usb-1")]) is None
        back = self.plug(dev, "A1", 3, "usb-8")
        assert was.find([back]) is back
