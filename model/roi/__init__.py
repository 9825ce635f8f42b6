"""Shows the network the part of the frame that holds the person."""
