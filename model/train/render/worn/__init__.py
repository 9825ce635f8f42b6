"""What is worn on the head and held in the hands: foreground."""
