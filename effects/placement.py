"""Where the person stands over the new background, and how large: `0.7,bottom,left`."""

from dataclasses import dataclass
from typing import Literal, get_args

Vertical = Literal["bottom", "center", "top"]
Horizontal = Literal["left", "center", "right"]
LEAST_SCALE = 0.1


@dataclass(frozen=True, slots=True)
class Placement:
    """The whole frame, scaled and put to an edge or the middle; the person stands within it."""

    scale: float
    vertical: Vertical
    horizontal: Horizontal

    @classmethod
    def parse(cls, text: str) -> "Placement":
        """Read `SCALE,bottom|center|top,left|center|right`.

        Raises:
            ValueError: it is none.
        """
        scale, vertical, horizontal, *more = (*map(str.strip, text.split(",")), "", "", "")
        try:
            number = float(scale)
        except ValueError:
            number = 0.0
        if (
            any(more)
            or vertical not in get_args(Vertical)
            or horizontal not in get_args(Horizontal)
        ):
            raise ValueError(
                "wanted SCALE,bottom|center|top,left|center|right, for example 0.7,bottom,left"
            )
        if not LEAST_SCALE <= number <= 1:
            raise ValueError(
                f"the scale must be {LEAST_SCALE} to 1, got {scale}; capture.zoom enlarges"
            )
        return cls(number, vertical, horizontal)  # type: ignore[arg-type]

    def box(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return left, top, width and height of the scaled frame in a picture of the size."""
        width, height = (max(1, round(side * self.scale)) for side in size_wh)
        left = _share(self.horizontal, size_wh[0] - width)
        return left, _share(self.vertical, size_wh[1] - height), width, height


def _share(where: Vertical | Horizontal, room: int) -> int:
    if where in ("left", "top"):
        return 0
    return room // 2 if where == "center" else room
