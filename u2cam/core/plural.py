"""Numbers of things in messages."""


def counted(count: int, noun: str) -> str:
    """Return `1 frame`, `2 frames`.

    Args:
        count: how many.
        noun: in the singular; takes an s.
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
