"""What a training step gets: batches, previous mattes, hard examples."""
