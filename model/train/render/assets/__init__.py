"""Reads the CC0 files of MakeHuman: base mesh, morph targets, skeleton, garments."""
