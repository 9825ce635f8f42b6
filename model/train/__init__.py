"""The training system: `python -m model.train`. Nothing of the live program imports it."""
