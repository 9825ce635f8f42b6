"""The sets of pictures: each declared once, with what it is, its licence and its split.

Every set is a folder inside the data folder, or elsewhere where the user says so. Any may be
missing. What a run draws from, and how often, is the recipe's (`draw_settings.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from u2cam.model.datasets import splits
from u2cam.model.datasets.splits import Split

Kind = Literal["rgba", "clips", "masks", "cores", "scenes", "objects", "panoramas"]
"""`rgba`: people with exact alpha, straight colours; `NAME.furniture.webp` is background that
belongs to NAME. `clips`: the same, a folder of frames each. `masks`: `images` and `masks`, hard
edges. `cores`: pictures with `NAME.core.png`, see `train/labels/cache.py`. `scenes`: without
people. `objects`: RGBA. `panoramas`: equirectangular, see `panorama.py`."""


def training(path: Path) -> Split:
    """Use all of a set for training."""
    return "train"


@dataclass(frozen=True, slots=True)
class Source:
    """One set."""

    name: str
    kind: Kind
    folder: str
    """Inside the data folder."""
    licence: str | None
    """None: not stated by its authors; such a set is used only where a recipe names it."""
    split: Callable[[Path], Split]


SOURCES = (
    Source("keyed", "rgba", "keyed", "public domain", splits.keyed),
    Source("rendered", "rgba", "rendered", "CC0 assets, own pictures", splits.rendered),
    Source("rendered_clips", "clips", "rendered", "CC0 assets, own pictures", splits.rendered),
    Source("ccp", "masks", "ccp", "Apache-2.0", splits.photo),
    Source("labels", "cores", "labels", "Apache-2.0 teachers", training),
    Source("humanseg", "masks", "humanseg", None, training),
    Source("cutouts", "rgba", "cutouts", None, training),
    Source("photographs", "scenes", "backgrounds", "Apache-2.0, MIT, CC BY 4.0", splits.scene),
    Source("panoramas", "panoramas", "panoramas", "CC0 1.0", splits.scene),
    Source("rooms", "scenes", "rooms", "CC0 assets, own pictures", splits.scene),
    Source("negatives", "scenes", "negatives", "as their folder says", splits.scene),
    Source("objects", "objects", "objects", "as their folder says", splits.scene),
)
"""`rooms`: rendered, without people. `negatives` and `objects`: what looks like people and is
background: statues, dolls, coats on hooks, animals; scenes of their own, or cut out and put into
any scene."""

PEOPLE = tuple(s.name for s in SOURCES if s.kind in ("rgba", "clips", "masks", "cores"))
SCENES = (*(s.name for s in SOURCES if s.kind in ("scenes", "panoramas")), "own", "wall")
"""`own`: a photo's own scene, its person painted over; `wall`: a drawn wall."""
SPREAD = ("cutouts",)
"""Sets whose colours under soft alpha are not the person's own."""


def find_source(name: str) -> Source:
    """Return a set by name.

    Raises:
        ValueError: there is none of that name.
    """
    for source in SOURCES:
        if source.name == name:
            return source
    raise ValueError(f"no set {name!r}; choose from {', '.join(s.name for s in SOURCES)}")
