"""A folder of pictures to a folder of pictures: each keeps its name and its size."""
