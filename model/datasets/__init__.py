"""Pictures of people with mattes, real and composed, for training and for evaluation."""
