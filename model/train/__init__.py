"""The training system: `python -m u2cam.model.train`. Nothing of the live program imports it."""
