"""What runs a network: PyTorch, OpenVINO, CUDA graphs, and on which device."""
