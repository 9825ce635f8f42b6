"""Frames from standard input: raw, as pictures one after another, or in a container."""
