"""Colours of the person and the blend with the background."""
