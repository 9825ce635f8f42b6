"""Put a picture behind the person in a video, and tell how far it is.

`python examples/video_progress.py talk.mp4 out.mp4 beach.jpg`

Sound, times and colours of the video are kept.
"""

import sys

import u2cam


def show(progress: u2cam.Progress) -> None:
    """Print how far it is, over and over on one line."""
    total = progress.total or progress.frames or 1
    print(f"\r{progress.frames / total:4.0%}, {progress.fps:.1f} frames a second", end="")


def main(video: str, target: str, background: str, model: str | None = None) -> None:
    """Process a whole video."""
    facts = u2cam.process(video, target, background=background, model=model, progress=show)
    print(f"\n{target}: {facts['frames']['out']} frames in {facts['elapsed_s']:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
