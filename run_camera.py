"""Replaces the background of a camera or a video: `python run_camera.py --help`."""

from u2cam.cli.entry import main

if __name__ == "__main__":
    main()
