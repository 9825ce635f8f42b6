"""Networks behind one interface: ours and other programs', for evaluation and as teachers."""
