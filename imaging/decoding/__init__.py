"""Pictures of a video track in order, with repaired times: for inputs and backgrounds alike."""
