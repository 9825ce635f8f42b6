"""Measures networks, ours and other programs': `python -m u2cam.model.evaluate`."""
