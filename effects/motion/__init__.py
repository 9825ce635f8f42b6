"""Motion between frames: optical flow, mattes carried along it, scene changes."""
