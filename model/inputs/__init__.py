"""From a picture to a network's input."""
