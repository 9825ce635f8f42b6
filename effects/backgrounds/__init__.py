"""What is shown in place of the scene."""
