"""Sound, subtitles, chapters and tags of the input, brought into the output."""
