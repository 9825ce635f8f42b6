"""Knows a camera again that was unplugged, wherever and under whatever number it comes back.

Plain functions over the system's list of cameras; the capture thread asks. Opening is
`source_camera`'s work.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from u2cam.stream.devices.cameras import Camera, device_path

LINKS = Path("/dev/v4l")
"""Where udev names cameras by what they are (`by-id`) and where they are plugged in (`by-path`)."""


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """What tells one camera from its likes."""

    camera: Camera
    """As it was when it was opened."""
    link: str = ""
    """Its name by udev, with the serial number where it has one; empty where there is none."""
    named_by_link: bool = False
    """The user gave the link: what it points to is meant, and nothing else."""
    others: frozenset[str] = frozenset()
    """Places of the cameras of the same name that were there beside it: none of them is it."""

    def find(self, cameras: list[Camera]) -> Camera | None:
        """Return the camera, if it is there again.

        By udev's name first; then one of the same name in the same place; then, where udev had no
        name for it, one of the same name elsewhere. A camera of another name never is it, whatever
        its number.
        """
        by_link = self._by_link(cameras)
        if by_link is not None or self.named_by_link:
            return by_link
        alike = [camera for camera in cameras if self._may_be(camera)]
        for camera in alike:
            if camera.bus == self.camera.bus:
                return camera
        return alike[0] if alike and not self.link else None

    def _by_link(self, cameras: list[Camera]) -> Camera | None:
        if not self.link or not os.path.exists(self.link):
            return None
        path = os.path.realpath(self.link)
        found = next((camera for camera in cameras if camera.path == path), None)
        if found is None or self.named_by_link or self._may_be(found):
            return found
        return None

    def _may_be(self, camera: Camera) -> bool:
        return camera.name == self.camera.name and camera.bus not in self.others


def identify(device: int | str, cameras: list[Camera]) -> CameraIdentity | None:
    """Return what tells an open camera from others; None where nothing is known of it (Linux only).

    Args:
        device: as the user named it.
        cameras: all that there are now.
    """
    path = device_path(device)
    camera = next((c for c in cameras if path is not None and c.path == path and c.name), None)
    if camera is None:
        return None
    if isinstance(device, str) and Path(os.path.abspath(device)).is_relative_to(LINKS):
        return CameraIdentity(camera, device, named_by_link=True)
    alike = {other.bus for other in cameras if other.name == camera.name}
    return CameraIdentity(camera, _link_to(path or ""), others=frozenset(alike - {camera.bus, ""}))


def _link_to(path: str) -> str:
    folder = LINKS / "by-id"
    for link in sorted(folder.iterdir()) if folder.is_dir() else ():
        if os.path.realpath(link) == path:
            return str(link)
    return ""
