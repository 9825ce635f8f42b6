"""One drawn person: body, face, pose and motion."""
