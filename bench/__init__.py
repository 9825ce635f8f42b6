"""Measurements. Every number in the documentation comes from a script in here."""
