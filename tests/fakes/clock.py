"""Time that only a test moves on."""


class FakeClock:
    """Monotonic seconds; a test sets `now_s`."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s
