"""Rendered people with exact alpha: `python -m model.train.render`.

Runs in an environment of its own (`bpy`, numpy, scipy, pillow) and imports nothing else of this
project. `docs/rendering.md` tells how to get the assets, what is drawn and what it costs.
"""
