"""Draws short clips of people pasted on scenes, with exact mattes.

All frames of a clip share people, scene and colours; foreground and background move on their own.
The fixed sets of `model.evaluate` are a function of the order of the random draws here.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.accessories import add_headphones
from u2cam.model.datasets.camera_augment import apply_table, tone_table
from u2cam.model.datasets.distractors import add_distractors
from u2cam.model.datasets.framing import Matrix, nudge, warp, webcam_matrix
from u2cam.model.datasets.hair_strands import add_hair_strands
from u2cam.model.datasets.person_shape import Contour
from u2cam.model.datasets.photo import Image, Photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import blend, camouflage, draw_scene
from u2cam.model.datasets.views import Views

KIND_SHARES = {
    "ccp": 0.40,
    "humanseg": 0.20,
    "cutouts": 0.10,
    "webcam": 0.10,
    "video": 0.10,
    "street": 0.10,
}
"""How often a pasted person is of which kind."""
SECOND_PERSON_SHARE = 0.12
HEADPHONES_SHARE = 0.05
USUAL = Views()


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """(T, H, W, 3) frames and (T, H, W) mattes and label weights, all uint8."""

    frames: Image
    alpha: Image
    weight: Image


@dataclass(frozen=True, slots=True, eq=False)
class Pasted:
    """A person with their place in the first frame and their colours."""

    photo: Photo
    matrix: Matrix
    table: NDArray[np.uint8] | None
    """(256, 3) look-up table; None for the colours of the photo."""

    def colour(self, matrix: Matrix, size_wh: tuple[int, int]) -> Image:
        """Return the (H, W, 3) colours of the person at a place."""
        colour = warp(self.photo.foreground, matrix, size_wh, cv2.BORDER_REPLICATE)
        return colour if self.table is None else apply_table(colour, self.table)

    def alpha(self, matrix: Matrix, size_wh: tuple[int, int]) -> Image:
        """Return the (H, W) matte of the person at a place."""
        return warp(self.photo.alpha, matrix, size_wh, cv2.BORDER_CONSTANT)


def pick(
    people: dict[str, list[Photo]], shares: dict[str, float], rng: np.random.Generator
) -> Photo:
    """Draw a person by kind, then evenly within the kind."""
    kinds = [kind for kind in shares if people.get(kind)]
    if not kinds:
        kinds = list(people)
    weights = np.array([shares.get(kind, 1.0) for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    return people[kind][int(rng.integers(len(people[kind])))]


def move(
    matrix: Matrix, size_wh: tuple[int, int], rng: np.random.Generator, amount: float
) -> Matrix:
    """Return a 2×3 map of photo pixels to frame pixels after a small random motion."""
    moved: Matrix = nudge(size_wh, rng, amount) @ np.vstack((matrix, (0, 0, 1)))
    return moved[:2]


def tighten(alpha: Image, rng: np.random.Generator) -> Image:
    """Steepen and pull in a soft edge a little, so that no old background comes along."""
    low = rng.uniform(20, 110)
    high = rng.uniform(max(low + 40, 180), 256)
    table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(alpha, table), np.uint8)


def draw_people(
    library: Library, size_wh: tuple[int, int], rng: np.random.Generator, distant: bool
) -> list[Pasted]:
    """Draw one or two people, their places and their colours."""
    photos = [pick(library.people, KIND_SHARES, rng)]
    if rng.random() < SECOND_PERSON_SHARE:
        photos.append(pick(library.people, KIND_SHARES, rng))
    places = [webcam_matrix(p, size_wh, rng, inside=False, distant=distant) for p in photos]
    tables = [tone_table(rng) if rng.random() < 0.6 else None for _ in photos]
    return [Pasted(*person) for person in zip(photos, places, tables, strict=True)]


def draw_scene_behind(
    person: Pasted,
    library: Library,
    size_wh: tuple[int, int],
    pad_px: int,
    rng: np.random.Generator,
    views: Views,
) -> Image:
    """Draw a scene, `pad_px` larger than the frame on every side, behind a person.

    Camouflage and distractors have the colours of this person.
    """
    scene = draw_scene(library, (size_wh[0] + 2 * pad_px, size_wh[1] + 2 * pad_px), rng)
    hidden = views.camouflage > 0 and rng.random() < views.camouflage
    distracting = views.distractor > 0 and rng.random() < views.distractor and not hidden
    if not (hidden or distracting):
        return scene
    contour = Contour(person.colour(person.matrix, size_wh), person.alpha(person.matrix, size_wh))
    if hidden:
        return camouflage(scene, contour.any_colour(rng), rng)
    return add_distractors(scene, library, contour, pad_px, rng, views.distractor_striped)


def draw_composite(
    library: Library,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    motion: float = 1.0,
    views: Views = USUAL,
) -> Clip:
    """Draw one or two people pasted on a scene, moving on their own.

    Args:
        library: people and scenes.
        size_wh: of the frames, in pixels.
        count: of the frames.
        rng: the same state gives the same clip.
        motion: 1 shakes by about 1.2 % of the height a frame, 0 stands still.
        views: how many people are distant, hard to see or have loose hair.
    """
    # No draw where a share is 0: the fixed sets of `model.evaluate` have none of these.
    distant = views.distant > 0 and rng.random() < views.distant
    people = draw_people(library, size_wh, rng, distant)
    pad_px = max(8, size_wh[1] // 16)
    scene = draw_scene_behind(people[0], library, size_wh, pad_px, rng, views)
    scene_matrix: Matrix = np.array(((1.0, 0.0, -pad_px), (0.0, 1.0, -pad_px)))
    still = rng.random() < 0.5
    edge_seed = int(rng.integers(1 << 31))
    extras = [add_headphones] if rng.random() < HEADPHONES_SHARE else []
    if views.flyaway_hair > 0 and rng.random() < views.flyaway_hair:
        extras.insert(0, add_hair_strands)
    matrices = [person.matrix for person in people]
    frames, mattes, weights = [], [], []
    for _ in range(count):
        frame = warp((scene,), scene_matrix, size_wh, cv2.BORDER_REFLECT_101)
        matte = np.zeros((size_wh[1], size_wh[0]), np.uint8)
        weight = np.full_like(matte, 255)
        edges = np.random.default_rng(edge_seed)
        for person, matrix in zip(people, matrices, strict=True):
            alpha = tighten(person.alpha(matrix, size_wh), edges)
            frame = blend(person.colour(matrix, size_wh), frame, alpha)
            matte = np.maximum(alpha, matte)
            if person.photo.weight is not None:
                own = warp(person.photo.weight, matrix, size_wh, cv2.BORDER_REPLICATE)
                weight = np.minimum(weight, np.where(alpha > 0, own, 255)).astype(np.uint8)
        for add in extras:
            frame, matte = add(frame, matte, np.random.default_rng(edge_seed))
        frames.append(frame)
        mattes.append(matte)
        weights.append(weight)
        matrices = [move(matrix, size_wh, rng, motion) for matrix in matrices]
        if not still:
            scene_matrix = move(scene_matrix, size_wh, rng, 0.6 * motion)
    return Clip(np.stack(frames), np.stack(mattes), np.stack(weights))
