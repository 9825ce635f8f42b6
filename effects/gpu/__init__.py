"""The steps of the effects chain as torch operations, for frames that stay on a GPU."""
