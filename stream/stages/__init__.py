"""The loops of a run's threads, and what they do when something fails."""
