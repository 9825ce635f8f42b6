"""`python -m u2cam`: the same as the command `u2cam`."""

from u2cam.cli.entry import main

if __name__ == "__main__":
    main()
