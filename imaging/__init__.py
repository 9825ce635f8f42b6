"""From coded pictures to sRGB pixels: one reader for inputs and backgrounds. Imports the core."""
