"""What is found out once about every frame: its smaller copies and the number of its scene."""

from dataclasses import replace

from u2cam.core.frame import Frame
from u2cam.core.protocols import BeginsScene
from u2cam.imaging.pyramid import halves


class SceneCounter:
    """Numbers the scenes of a source and makes each frame's levels. Used by the capture thread.

    Args:
        begins_scene: recognises cuts; None: only gaps begin a scene.
        silence_s: live: a gap between two frames that is longer counts like a lost source.
    """

    def __init__(
        self, begins_scene: BeginsScene | None = None, silence_s: float | None = None
    ) -> None:
        self._begins_scene = begins_scene
        self._silence_s = silence_s
        self._scene = 0
        self._gap = False
        self._last_s: float | None = None

    def gap(self) -> None:
        """Let the next frame begin a scene: the source was lost, or at rest."""
        self._gap = True

    def described(self, frame: Frame) -> Frame:
        """Return the frame with its levels and the number of its scene."""
        levels = halves(frame.image)
        cut = self._begins_scene is not None and self._begins_scene((frame.image, *levels)[-1])
        if self._last_s is not None and (cut or self._gap or self._was_silent(frame)):
            self._scene += 1
        self._last_s, self._gap = frame.captured_at_s, False
        return replace(frame, scene=self._scene, levels=levels)

    def _was_silent(self, frame: Frame) -> bool:
        if self._silence_s is None or self._last_s is None:
            return False
        return frame.captured_at_s - self._last_s > self._silence_s
