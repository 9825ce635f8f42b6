"""Boots the guest and runs `tests/device` in it; ends with pytest's exit code.

    python3 tests/device/guest/boot.py .venv/bin/python [pytest arguments]

The guest sees the host's files read-only, so it runs the same Python with the same packages. Where
QEMU or the packages are not to be had, it says so and ends with 0.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build import CannotBuildError, build

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".device"
LONGEST_S = 600
"""From boot to end; a guest that hangs is ended, and that is a failure."""
MEMORY_MB = 2560
ANY_PROCESSOR = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[c()][0-9A-Z]?")


def main(argv: list[str]) -> int:
    """Build where need be, boot, show what the guest says."""
    python = Path(argv[0] if argv else ".venv/bin/python").absolute()
    try:
        if os.uname().machine != "x86_64":
            raise CannotBuildError("the guest is an x86-64 one")
        build(FOLDER)
    except (CannotBuildError, OSError, subprocess.SubprocessError) as error:
        print(f"SKIPPED make test-device: no virtual camera was tested: {error}", flush=True)
        return 0
    (FOLDER / "scratch").mkdir(exist_ok=True)
    (FOLDER / "run.sh").write_text(_script(python, argv[1:]))
    _compile_loops(python)
    return _boot()


def _compile_loops(python: Path) -> None:
    """Have the effects' loops compiled here, where that takes seconds and not minutes."""
    folder = FOLDER / "kernels"
    folder.mkdir(exist_ok=True)
    run = "run_camera.py -i demo --live -m grabcut -o null --frames 12 --set matting.mode=sync"
    subprocess.run(
        [python, *run.split(), "-b", "#00b140"],
        cwd=ROOT,
        env={**os.environ, **ANY_PROCESSOR, "NUMBA_CACHE_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
    )


def _script(python: Path, pytest_arguments: list[str]) -> str:
    scratch = FOLDER / "scratch"
    named = any(argument.startswith("tests/") for argument in pytest_arguments)
    tests = [] if named else ["tests/device"]
    command = [
        python,
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        *tests,
        *pytest_arguments,
    ]
    return "\n".join(
        [
            f"export PATH={shlex.quote(os.environ['PATH'])}:/usr/sbin:/sbin",
            f"export HOME={scratch} TMPDIR={scratch} PYTHONDONTWRITEBYTECODE=1 U2CAM_GUEST=1",
            f"export NUMBA_CACHE_DIR={scratch}/kernels",
            *(f"export {name}={value}" for name, value in ANY_PROCESSOR.items()),
            # Emulated processors gain nothing from more threads.
            "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TERM=dumb COLUMNS=100",
            f"cd {shlex.quote(str(ROOT))}",
            "echo guest-begins",
            shlex.join(map(str, command)),
            'echo "guest-exit-code=$?"',
        ]
    )


def _boot() -> int:
    command = [
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"),
        # One processor: two that wait for each other cost the host twice the time (measured).
        *("-smp", "1", "-m", str(MEMORY_MB), "-nographic"),
        *("-no-reboot", "-nic", "none", "-monitor", "none"),
        *("-kernel", str(FOLDER / "vmlinuz"), "-initrd", str(FOLDER / "initrd.gz")),
        # On a busy host the kernel would take the emulated timer for broken.
        *("-append", f"console=ttyS0 quiet panic=-1 no_timer_check u2cam_guest={FOLDER}"),
        "-virtfs",
        "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
    ]
    code: int | None = None
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as guest:
        clock = threading.Timer(LONGEST_S, guest.kill)
        clock.start()
        signal.signal(signal.SIGTERM, lambda *_: guest.kill())
        assert guest.stdout is not None
        shown = False
        for raw in guest.stdout:
            line = _COLOURS.sub("", raw.decode(errors="replace")).rstrip()
            ended = re.search(r"guest-exit-code=(\d+)", line)
            # What the firmware says before the kernel starts is of no interest.
            if "guest-begins" in line:
                shown = True
            elif ended:
                code, shown = int(ended[1]), False
            elif shown:
                print(line, flush=True)
        clock.cancel()
    if code is None:
        print(f"make test-device: the guest ended without a result (within {LONGEST_S} s?)")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
