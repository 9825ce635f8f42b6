"""Facts about media files and pixels: colours, limits, headers, hardware codecs."""
