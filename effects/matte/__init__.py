"""From the network's matte to the alpha of the frame."""
