"""`--doctor`: whether what was asked for would work here, and what to do where it would not."""

from u2cam.cli.doctor.report import doctor

__all__ = ["doctor"]
