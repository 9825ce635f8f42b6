"""How pictures become coded video: encoders, their options, colours and the file being written."""
