"""Frames in, frames out: sources, sinks, queues and the threads between them."""
