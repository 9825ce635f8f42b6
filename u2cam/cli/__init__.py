"""The program: arguments and settings in, stages joined, report out."""
