"""Architectures only."""
