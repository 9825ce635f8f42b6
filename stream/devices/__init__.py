"""Cameras and virtual cameras of this computer: which there are, who they are, who uses them."""
