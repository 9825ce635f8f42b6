"""Standard input and output: what they are called, read, written, and shared by many readers."""
