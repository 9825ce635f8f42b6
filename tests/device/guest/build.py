"""Builds the guest once: Debian's kernel, v4l2loopback for it, and a first process.

Nothing is installed but the tools that build and run it; kernel, headers and module source are
unpacked into the folder of the guest. Standard library only, as no environment is needed yet.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent

TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "depmod": "kmod",
    "gcc-12": "linux-compiler-gcc-12-x86",
    "make": "make",
    "v4l2-ctl": "v4l-utils",
}
"""Programs that are needed and the packages that bring them."""
DRIVERS = ("virtio_pci", "9pnet_virtio", "9p", "videodev")
CAMERA = "vivid"
"""The kernel's own test camera; the tests plug it in and out, so only what it needs is loaded."""
PACKAGES = ("linux-image-amd64", "linux-headers-amd64", "linux-kbuild-6.1", "v4l2loopback-dkms")
KERNEL_PARTS = (
    "./boot/vmlinuz*",
    "./lib/modules/*/modules.*",
    *(f"*/kernel/{part}/*" for part in ("drivers/virtio", "drivers/media", "net/9p", "fs")),
)
DOWNLOAD_TRIES = 3
LONGEST_STEP_S = 240.0
"""A package server that does not answer must not hold up whoever runs this."""


class CannotBuildError(Exception):
    """This system cannot have the guest; says why in one line."""


def build(folder: Path) -> None:
    """Make `vmlinuz` and `initrd.gz` in a folder, unless they are there already.

    Raises:
        CannotBuildError: tools or packages are not to be had.
    """
    _install_tools()
    stamp = folder / "stamp"
    wanted = hashlib.sha256((HERE / "init.sh").read_bytes() + Path(__file__).read_bytes())
    if stamp.is_file() and stamp.read_text() == wanted.hexdigest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("packages", "unpacked", "module", "initrd"):
        (folder / name).mkdir(parents=True)
    print("guest: fetching kernel, headers and v4l2loopback", flush=True)
    _unpack(folder)
    release = next((folder / "unpacked/lib/modules").iterdir()).name
    print(f"guest: building v4l2loopback for {release}", flush=True)
    module = _build_module(folder, release)
    _make_initrd(folder, release, module)
    shutil.copy(folder / f"unpacked/boot/vmlinuz-{release}", folder / "vmlinuz")
    for name in ("packages", "unpacked", "module", "initrd"):
        shutil.rmtree(folder / name)
    stamp.write_text(wanted.hexdigest())


def _install_tools() -> None:
    missing = [package for tool, package in TOOLS.items() if _program(tool) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise CannotBuildError(f"needs the packages {' '.join(missing)}")
    print(f"guest: installing {' '.join(missing)}", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    lock = "DPkg::Lock::Timeout=60"
    install = ["apt-get", "install", "-qy", "-o", lock, "--no-install-recommends", *missing]
    if _quiet(install) != 0:
        _quiet(["apt-get", "update", "-q"])
        if _quiet(install) != 0:
            raise CannotBuildError(f"apt-get cannot install {' '.join(missing)}")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _unpack(folder: Path) -> None:
    if shutil.which("apt-get") is None:
        raise CannotBuildError("needs a Debian system, whose kernel package it boots")
    packages = _with_real_names()
    for attempt in range(DOWNLOAD_TRIES):
        if _quiet(["apt-get", "download", "-q", *packages], folder / "packages") == 0:
            break
        if attempt + 1 == DOWNLOAD_TRIES:
            raise CannotBuildError(f"cannot download {' '.join(packages)}")
        _quiet(["apt-get", "update", "-q"])
    for package in sorted((folder / "packages").glob("*.deb")):
        # Of the kernel's thousands of modules only those folders that have what is needed.
        parts = KERNEL_PARTS if package.name.startswith("linux-image") else ("*",)
        quoted = " ".join(f"'{part}'" for part in parts)
        unpack = (
            f"dpkg-deb --fsys-tarfile {package} | tar -x --wildcards -C {folder}/unpacked {quoted}"
        )
        subprocess.run(["bash", "-o", "pipefail", "-c", unpack], check=True)


def _with_real_names() -> list[str]:
    """Replace packages that only name the newest kernel by that kernel's own."""
    real = []
    for package in PACKAGES:
        if not package.endswith("-amd64"):
            real.append(package)
            continue
        shown = subprocess.run(["apt-cache", "depends", package], capture_output=True, text=True)
        versioned = re.search(r"Depends: (linux-\w+-(\d\S*)-amd64)\b", shown.stdout)
        if versioned is None:
            raise CannotBuildError(f"apt knows no package {package}; is this Debian 12?")
        real.append(versioned[1])
        if package == "linux-headers-amd64":
            real.append(f"linux-headers-{versioned[2]}-common")
    return real


def _build_module(folder: Path, release: str) -> Path:
    source = next((folder / "unpacked/usr/src").glob("v4l2loopback-*"))
    headers = folder / f"unpacked/usr/src/linux-headers-{release}"
    # The package names its sibling by the absolute path where it would be installed.
    makefile = headers / "Makefile"
    installed = re.compile(r"(?<![\w./-])/(?=\S+/linux-headers-)")
    makefile.write_text(installed.sub(f"{folder}/unpacked/", makefile.read_text()))
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder / "module")
    made = subprocess.run(
        ["make", "-C", headers, f"M={folder / 'module'}", "modules"],
        capture_output=True,
        text=True,
    )
    module = folder / "module/v4l2loopback.ko"
    if made.returncode != 0 or not module.is_file():
        raise CannotBuildError(f"v4l2loopback does not build:\n{made.stdout}{made.stderr}")
    return module


def _make_initrd(folder: Path, release: str, module: Path) -> None:
    root = folder / "initrd"
    for name in ("bin", "dev", "host", "modules", "proc", "sys"):
        (root / name).mkdir()
    busybox = _program("busybox")
    assert busybox is not None
    shutil.copy(busybox, root / "bin/busybox")
    shutil.copy(HERE / "init.sh", root / "init")
    (root / "init").chmod(0o755)
    shutil.copy(module, root / "modules")
    base = folder / "unpacked"
    _quiet(["/sbin/depmod", "-b", str(base), release])
    order: list[str] = []
    for driver in DRIVERS:
        for file in _dependencies(base, release, driver):
            if file.name not in order:
                order.append(file.name)
                shutil.copy(file, root / "modules")
    for file in _dependencies(base, release, CAMERA):
        shutil.copy(file, root / "modules")
        if file.name not in order and file.stem != CAMERA:
            order.append(file.name)
    (root / "modules/order").write_text("\n".join(order))
    packed = f"cd {root} && find . | cpio --quiet -o -H newc | gzip -1 > {folder}/initrd.gz"
    subprocess.run(["bash", "-c", packed], check=True)


def _dependencies(base: Path, release: str, driver: str) -> list[Path]:
    """Return the files of a driver and of all it needs, in the order in which they load."""
    folder = base / "lib/modules" / release
    for line in (folder / "modules.dep").read_text().splitlines():
        own, _, needs = line.partition(":")
        if Path(own).name.split(".")[0].replace("-", "_") == driver:
            return [folder / file for file in (*reversed(needs.split()), own)]
    raise CannotBuildError(f"the kernel has no module {driver}")


def _quiet(command: list[str], folder: Path | None = None) -> int:
    silent = subprocess.DEVNULL
    try:
        return subprocess.run(
            command, cwd=folder, stdin=silent, stdout=silent, stderr=silent, timeout=LONGEST_STEP_S
        ).returncode
    except subprocess.TimeoutExpired:
        return -1
