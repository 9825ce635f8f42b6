"""Where frames come from: cameras, files, pictures, the demo."""
