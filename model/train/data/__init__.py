"""What a training step gets: clips, batches, previous mattes; and packed data."""
