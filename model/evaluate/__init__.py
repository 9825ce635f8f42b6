"""Measures the networks of `model` and, beside them, other programs' networks."""
