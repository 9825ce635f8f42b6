"""Where pictures go: virtual camera, files, a window, nothing."""
