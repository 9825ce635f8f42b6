"""The matte's steps in torch."""
