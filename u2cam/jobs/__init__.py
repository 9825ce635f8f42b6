"""Whole inputs to whole outputs: `u2cam.process`, and folders of pictures."""
