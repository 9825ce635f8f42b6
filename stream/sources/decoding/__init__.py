"""What a file or stream is, and its decoded pictures in the shape of a run."""
