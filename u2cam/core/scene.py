"""When to forget: whoever learns from frames keeps one of these."""


class SceneGate:
    """Tells at each frame whether what was learnt of the frames before it still holds."""

    def __init__(self) -> None:
        self._scene: int | None = None
        self._forgets = False

    def is_new(self, scene: int) -> bool:
        """Take in the next frame's scene; True at the first frame of a scene and after `reset`."""
        last, self._scene = self._scene, scene
        if self._forgets:
            self._forgets = False
            return True
        return scene != last

    def reset(self) -> None:
        """Let the next frame be the first of a scene; from any thread."""
        self._forgets = True
