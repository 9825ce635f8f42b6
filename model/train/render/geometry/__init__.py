"""Rotations, simple shapes and meshes in NumPy."""
