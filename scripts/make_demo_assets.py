"""Makes what the source `demo` shows and plays: stream/sources/assets/portrait.jpg and demo.m4a.

The portrait comes from scikit-image's wheel, where it lies as skimage/data/astronaut.png:

    pip download --no-deps scikit-image==0.26.0
    unzip scikit_image-*.whl skimage/data/astronaut.png
    python scripts/make_demo_assets.py skimage/data/astronaut.png
"""

import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

ASSETS = Path(__file__).resolve().parents[1] / "stream" / "sources" / "assets"
SAMPLE_RATE = 44_100
DURATION_S = 8.0
CHORD_S = 2.0
CHORDS_HZ = (
    (130.81, 196.00, 246.94, 329.63),  # C major seventh
    (110.00, 164.81, 261.63, 392.00),  # A minor seventh
    (87.31, 174.61, 220.00, 329.63),  # F major seventh
    (98.00, 146.83, 246.94, 293.66),  # G
)


def sound() -> NDArray[np.float32]:
    """Four soft chords and a tick at each full second, which shows whether sound is in time."""
    time_s = np.arange(round(SAMPLE_RATE * DURATION_S)) / SAMPLE_RATE
    mix = np.zeros_like(time_s)
    for number, chord in enumerate(CHORDS_HZ):
        since_s = time_s - number * CHORD_S
        swell = np.clip(since_s / 0.15, 0, 1) * np.exp(-np.maximum(since_s, 0) / 0.9)
        swell *= np.clip((CHORD_S + 0.5 - since_s) / 0.5, 0, 1)
        for tone_hz in chord:
            angle = 2 * np.pi * tone_hz * since_s
            mix += 0.09 * swell * (np.sin(angle) + 0.3 * np.sin(2 * angle))
    for second in range(round(DURATION_S)):
        since_s = time_s - second
        decay = np.where(since_s >= 0, np.exp(-np.maximum(since_s, 0) / 0.008), 0)
        mix += 0.25 * decay * np.sin(2 * np.pi * 1500 * since_s)
    mix *= np.clip((DURATION_S - time_s) / 0.3, 0, 1)
    return np.clip(mix, -1, 1).astype(np.float32)


def write_sound(path: Path) -> None:
    """Encode the sound as AAC, which most containers take without re-encoding."""
    samples = sound()
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE)
        stream.layout = "mono"
        stream.bit_rate = 64_000
        frame_samples = 1024
        for start in range(0, len(samples), frame_samples):
            part = samples[start : start + frame_samples]
            frame = av.AudioFrame.from_ndarray(part[np.newaxis], format="fltp", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = start
            frame.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_portrait(png: Path, path: Path) -> None:
    """Shrink the file, not the picture: JPEG without colour subsampling."""
    image_bgr = cv2.imread(str(png))
    if image_bgr is None or image_bgr.shape != (512, 512, 3):
        raise SystemExit(f"{png}: not the portrait that scikit-image ships")
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    options = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    cv2.imwrite(str(path), image_bgr, options)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    ASSETS.mkdir(exist_ok=True)
    write_portrait(Path(sys.argv[1]), ASSETS / "portrait.jpg")
    write_sound(ASSETS / "demo.m4a")
