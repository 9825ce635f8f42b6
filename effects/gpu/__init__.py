"""GPU implementation of the effects, in PyTorch, for frames that stay on their device."""
