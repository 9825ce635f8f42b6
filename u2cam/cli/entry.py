"""The process: starts the program and ends with its exit code. Its own imports are light."""

import os
import signal
import sys
import threading


def main() -> None:
    """Run the program and end the process with its exit code."""
    # Imported here, so that Ctrl-C during the slow imports ends as quietly as later.
    try:
        from u2cam.cli.main import main as run

        code = run()
    except KeyboardInterrupt:
        code = 130
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is quick; one more is too late
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed by whoever started the program
            stream.flush()
    if any(thread.daemon for thread in threading.enumerate()):
        # A thread is stuck in a device or a network; what it holds must not keep the user waiting.
        os._exit(code)
    sys.exit(code)
