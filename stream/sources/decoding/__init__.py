"""From a file or stream to decoded pictures with repaired times, by FFmpeg through PyAV."""
