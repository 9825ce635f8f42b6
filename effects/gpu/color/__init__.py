"""The colour steps and the blend in torch."""
