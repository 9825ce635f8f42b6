"""From frame and matte to the picture the viewer sees: refine, smooth, background, blend."""
