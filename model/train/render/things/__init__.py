"""What rooms are full of: furniture, plants, lamps, clutter, and what looks like people."""
