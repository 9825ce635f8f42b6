"""Cut the person out of a photo: `python examples/still.py me.jpg me.png`."""

import sys

import cv2

import u2cam


def main(image: str, target: str, model: str | None = None) -> None:
    """Write the person in an image with an alpha channel."""
    rgba = u2cam.cut_out(image, model=model)  # (H, W, 4) uint8, straight
    height, width = rgba.shape[:2]
    share = (rgba[..., 3] > 127).mean()
    cv2.imwrite(target, cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))
    print(f"{target}: {width}x{height}, {share:.0%} of it is the person")


if __name__ == "__main__":
    main(*sys.argv[1:])
