"""u2cam: a virtual background without a green screen, as a library and a program."""
