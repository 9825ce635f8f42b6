"""Draws short clips of people pasted on scenes, with mattes and what the mattes are good for.

All frames of a clip share people, scene and light; person and scene move on their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.camera import apply_table, tone_table
from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws, pick
from u2cam.model.datasets.framing import Matrix, warp, warp_regions, webcam_matrix
from u2cam.model.datasets.light import Effect, agreement_table, draw_rim, draw_shadow
from u2cam.model.datasets.motion import draw_clock, draw_path
from u2cam.model.datasets.photo import CORE, EXACT, UNKNOWN, Image, Photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import blend, camouflage, draw_scene, visible_behind

LEAST_MOTION, MOST_MOTION = 0.05, 1.3
"""Evenly on a logarithmic scale: people who keep still must not flicker either."""
SCENE_MOTION = 0.6
"""Of the person's."""
USUAL = DrawSettings()


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """(T, H, W, 3) frames, (T, H, W) mattes and (T, H, W) regions of `photo.py`, all uint8."""

    frames: Image
    alpha: Image
    regions: Image


@dataclass(slots=True, eq=False)
class Pasted:
    """A person with the way they move, their colours and the light on them."""

    photo: Photo
    matrix: Matrix
    edge: NDArray[np.uint8] | None
    """(256,) table that pulls the feathered edge of a hand-made mask in; None for exact alpha."""
    path: list[Matrix]
    table: NDArray[np.uint8] | None = None
    """(256, 3) look-up table; None for the colours of the photo."""
    effects: tuple[Effect, ...] = ()

    def at(self, index: int, time: float) -> tuple[Photo, Matrix]:
        """Return the picture of a frame and the map of its pixels to the frame's."""
        moved: Matrix = self.path[index] @ np.vstack((self.matrix, (0.0, 0.0, 1.0)))
        return self.photo.frame(time), moved[:2]

    def colour(self, photo: Photo, matrix: Matrix, size_wh: tuple[int, int]) -> Image:
        """Return the (H, W, 3) colours of the person."""
        colour = warp(photo.foreground, matrix, size_wh, cv2.BORDER_REPLICATE)
        return colour if self.table is None else apply_table(colour, self.table)

    def alpha(self, photo: Photo, matrix: Matrix, size_wh: tuple[int, int]) -> Image:
        """Return the (H, W) matte of the person."""
        alpha = warp(photo.alpha, matrix, size_wh, cv2.BORDER_CONSTANT)
        return alpha if self.edge is None else np.asarray(cv2.LUT(alpha, self.edge), np.uint8)


def pick_person(
    library: Library, settings: DrawSettings, rng: np.random.Generator, *, own_scene: bool
) -> Photo | None:
    """Draw a person by set, then evenly within the set; None where the library has none such.

    Args:
        library: what to draw from.
        settings: shares of the sets.
        rng: the source of chance.
        own_scene: with a scene of their own, or to be pasted: then with an edge that is known.
    """
    there = {
        name: settings.people.get(name, 0.0)
        for name, photos in library.people.items()
        if (photos[0].rgb is not None if own_scene else name != "labels")
    }
    if not any(there.values()):
        return None
    name = pick(there, rng)
    photo = library.people[name][int(rng.integers(len(library.people[name])))]
    if settings.mask_edges and name != "labels":
        return replace(photo, regions=None)
    return photo


def draw_edge(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a table that steepens a soft edge and pulls it in, away from the old background."""
    low = rng.uniform(20, 110)
    high = rng.uniform(max(low + 40, 180), 256)
    return np.asarray(np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255), np.uint8)


def draw_people(
    library: Library,
    size_wh: tuple[int, int],
    times: NDArray[np.float64],
    motion: float,
    draws: Draws,
    settings: DrawSettings,
) -> list[Pasted]:
    """Draw one or two people, their places and how they move.

    Raises:
        ValueError: the library has no people to paste.
    """
    people = []
    two = draws.happens("second person", settings.second_person) is not None
    for number in range(1 + two):
        own = draws.under(f"person {number}")
        photo = pick_person(library, settings, own.rng("photo"), own_scene=False)
        if photo is None:
            raise ValueError("no people to paste: no set of people that the recipe uses is there")
        matrix = webcam_matrix(photo, size_wh, own.rng("place"), inside=False)
        edge = None if photo.rgb is None else draw_edge(own.rng("edge"))
        path = draw_path(size_wh, times, motion, own.rng("path"))
        person = Pasted(photo, matrix, edge, path)
        rng = own.happens("tone", settings.steps.person_tone)
        if rng is not None:
            person.table = tone_table(rng)
        people.append(person)
    return people


def agree(person: Pasted, scene: Image, size_wh: tuple[int, int], draws: Draws,
          settings: DrawSettings) -> Image:  # fmt: skip
    """Draw how person and scene share their light; returns the scene, of any size.

    In some clips they agree in colour; in a few the scene hides the person instead.
    """
    steps = settings.steps
    colour = person.colour(person.photo, person.matrix, size_wh)
    alpha = person.alpha(person.photo, person.matrix, size_wh)
    rng = draws.happens("camouflage", steps.camouflage)
    if rng is not None and (alpha > 230).any():
        places = np.argwhere(alpha > 230)
        y, x = places[int(rng.integers(len(places)))]
        near = cv2.blur(colour, (5, 5))[y, x]
        return camouflage(scene, np.asarray(near, np.float64), rng)
    rng = draws.happens("agreement", steps.agreement)
    if rng is not None and (alpha > 127).any():
        table = agreement_table(colour, alpha, scene, rng)
        if person.table is not None:
            table = np.stack([table[person.table[:, c], c] for c in range(3)], axis=1)
        person.table = table
    rim, shadow = draws.happens("rim", steps.rim), draws.happens("shadow", steps.shadow)
    person.effects = (
        *(() if rim is None else (draw_rim(rim),)),
        *(() if shadow is None else (draw_shadow(shadow),)),
    )
    return scene


def draw_composite(
    library: Library,
    size_wh: tuple[int, int],
    count: int,
    draws: Draws,
    settings: DrawSettings = USUAL,
    motion: float | None = None,
) -> Clip:
    """Draw one or two people pasted on a scene, moving on their own.

    Args:
        library: people and scenes.
        size_wh: of the frames, in pixels.
        count: of the frames.
        draws: the same draws give the same clip.
        settings: what is drawn how often.
        motion: 1 moves by about 1.2 % of the height a frame, 0 stands still; None: drawn.
    """
    steps = settings.steps
    if motion is None:
        span = (np.log(LEAST_MOTION), np.log(MOST_MOTION))
        motion = float(np.exp(draws.rng("motion").uniform(*span)))
    times = draw_clock(count, draws, steps.pause, steps.skip)
    people = draw_people(library, size_wh, times, motion, draws, settings)
    pad_px = max(8, size_wh[1] // 16)
    scene = draw_scene(library, (size_wh[0] + 2 * pad_px, size_wh[1] + 2 * pad_px), draws, settings)
    for number, person in enumerate(people):
        scene = agree(person, scene, size_wh, draws.under(f"light {number}"), settings)
    still = draws.happens("still_scene", steps.still_scene) is not None
    amount = 0.0 if still else SCENE_MOTION * motion
    scene_path = draw_path(size_wh, times, amount, draws.rng("scene path"))
    margin: Matrix = np.array(((1.0, 0.0, -pad_px), (0.0, 1.0, -pad_px), (0.0, 0.0, 1.0)))
    drawn: list[tuple[Image, Image, Image]] = []
    for index, time in enumerate(times):
        if index and time == times[index - 1]:  # A pause.
            drawn.append(drawn[-1])
            continue
        view = (scene_path[index] @ margin)[:2]
        behind = warp((scene,), view, size_wh, cv2.BORDER_REFLECT_101)
        drawn.append(paste(people, behind, index, float(time), size_wh))
    frames, mattes, regions = (np.stack(part) for part in zip(*drawn, strict=True))
    return Clip(frames, mattes, regions)


def paste(
    people: list[Pasted], frame: Image, index: int, time: float, size_wh: tuple[int, int]
) -> tuple[Image, Image, Image]:
    """Paste people on one frame of a scene, those behind first.

    Returns:
        The frame (H, W, 3), the matte (H, W) of all of them and the regions (H, W).
    """
    matte = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    exact = all(person.photo.regions is None for person in people)
    known = np.full_like(matte, EXACT if exact else CORE)
    for person in people:
        photo, matrix = person.at(index, time)
        if photo.furniture is not None:
            layer = warp(photo.furniture, matrix, size_wh, cv2.BORDER_CONSTANT)
            cover = np.ascontiguousarray(layer[..., 3])
            frame = blend(np.ascontiguousarray(layer[..., :3]), frame, cover)
            matte = visible_behind(matte, cover)
        alpha = person.alpha(photo, matrix, size_wh)
        colour = person.colour(photo, matrix, size_wh)
        for effect in person.effects:
            colour, frame = effect(colour, alpha, frame)
        frame = blend(colour, frame, alpha)
        matte = np.asarray(cv2.add(alpha, visible_behind(matte, alpha)), np.uint8)
        if photo.regions is not None:
            own = warp_regions(photo.regions, matrix, size_wh, CORE)
            known = np.where(own == CORE, known, UNKNOWN).astype(np.uint8)
        if not exact:  # Beside a mask an exact edge counts no more than the mask's.
            soft = (alpha > 0) & (alpha < 255)
            known = np.where(soft, UNKNOWN, known).astype(np.uint8)
    return frame, matte, known
