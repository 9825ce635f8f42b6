"""Networks that turn an RGB image into a matte, their weights and their training."""
