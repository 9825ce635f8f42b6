"""Pictures to standard output: in Matroska, or without a container."""
