"""Scenes without people: crops of photographs, views of panoramas, walls, and furniture in them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.camera import apply_table, tone_table
from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws, pick
from u2cam.model.datasets.panorama import draw_view
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.photo_library import Library


def blend(over: Image, under: Image, alpha: Image) -> Image:
    """Blend (H, W, 3) pictures by a (H, W) uint8 matte in uint8 arithmetic."""
    alpha3 = cv2.merge((alpha, alpha, alpha))
    front = cv2.multiply(over, alpha3, scale=1 / 255)
    back = cv2.multiply(under, cv2.bitwise_not(alpha3), scale=1 / 255)
    return np.asarray(cv2.add(front, back), np.uint8)


def visible_behind(matte: Image, alpha: Image) -> Image:
    """Return what is visible of a (H, W) matte behind something whose own is `alpha`."""
    return np.asarray(cv2.multiply(matte, 255 - alpha, scale=1 / 255), np.uint8)


def wall(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a wall: a flat colour or a smooth gradient between four colours."""
    base = rng.uniform(0, 255, 3)
    corners = np.clip(base + rng.normal(0, rng.choice((0, 15, 60)), (2, 2, 3)), 0, 255)
    return np.asarray(
        cv2.resize(corners.astype(np.uint8), size_wh, interpolation=cv2.INTER_LINEAR), np.uint8
    )


def scene_crop(scene: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Crop a scene at a random place and scale to `size_wh`, mirrored half of the time."""
    width, height = size_wh
    most = min(scene.shape[1] / width, scene.shape[0] / height)
    scale = most * rng.uniform(0.35, 1.0)
    crop_width, crop_height = max(2, int(width * scale)), max(2, int(height * scale))
    x = int(rng.integers(0, scene.shape[1] - crop_width + 1))
    y = int(rng.integers(0, scene.shape[0] - crop_height + 1))
    crop = scene[y : y + crop_height, x : x + crop_width]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    interpolation = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(np.ascontiguousarray(crop), size_wh, interpolation=interpolation), np.uint8
    )


def draw_view_of(
    library: Library, shares: dict[str, float], size_wh: tuple[int, int], rng: np.random.Generator
) -> Image:
    """Draw a bare scene of any set that there is."""
    there = {name: share for name, share in shares.items() if library.scenes.get(name)}
    name = pick(there | {"wall": shares.get("wall", 0.0) if there else 1.0}, rng)
    if name == "wall":
        return wall(size_wh, rng)
    pool = library.scenes[name]
    scene = pool[int(rng.integers(len(pool)))]
    return (
        draw_view(scene, size_wh, rng) if name == "panoramas" else scene_crop(scene, size_wh, rng)
    )


def draw_object(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw the (H, W) matte of a box, an oval or a polygon: chair backs, frames, lamps, shelves."""
    width, height = size_wh
    mask = np.zeros((height, width), np.uint8)
    cx, cy = int(width * rng.normal(0.5, 0.22)), int(height * rng.uniform(0.2, 1.0))
    half_width = int(width * rng.uniform(0.04, 0.24))
    half_height = int(height * rng.uniform(0.08, 0.5))
    shape = rng.random()
    if shape < 0.35:
        radius = max(1, int(min(half_width, half_height) * rng.uniform(0.1, 0.9)))
        begin = (cx - half_width + radius, cy - half_height + radius)
        end = (cx + half_width - radius, cy + half_height - radius)
        cv2.rectangle(mask, begin, end, 255, 2 * radius)  # Thick lines have round corners.
        cv2.rectangle(mask, begin, end, 255, -1)
    elif shape < 0.65:
        turn = rng.uniform(-20, 20)
        cv2.ellipse(mask, (cx, cy), (half_width, half_height), turn, 0, 360, 255, -1)
    else:
        reach = np.array((half_width, half_height)) * rng.uniform(-1.2, 1.2, (5, 2))
        corners = (reach + np.array((cx, cy))).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(corners), 255)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.5, 2.5))), np.uint8)


def add_poster(scene: Image, library: Library, rng: np.random.Generator) -> None:
    """Hang a framed photo of a person into a scene, in place: what it shows is background."""
    people = [photos for photos in library.people.values() if photos[0].rgb is not None]
    if not people:
        return
    photos = people[int(rng.integers(len(people)))]
    photo = photos[int(rng.integers(len(photos)))]
    assert photo.rgb is not None
    picture = photo.rgb[1]
    _, top, _, bottom = (side // 2 for side in photo.box)
    side = int(np.clip((bottom - top) * rng.uniform(0.25, 1.0), 8, min(picture.shape[:2])))
    y = int(np.clip(top - 0.1 * side, 0, picture.shape[0] - side))
    x = int(np.clip(photo.head_x / 2 - side / 2, 0, picture.shape[1] - side))
    height = int(scene.shape[0] * rng.uniform(0.12, 0.4))
    width = int(min(height * rng.uniform(0.6, 1.6), scene.shape[1] / 2))
    shown = cv2.resize(picture[y : y + side, x : x + side], (width, height))
    border = max(1, int(height * rng.uniform(0.0, 0.08)))
    colour = rng.integers(0, 256, 3).tolist()
    cv2.rectangle(shown, (0, 0), (width - 1, height - 1), colour, border)
    down = int(rng.integers(0, scene.shape[0] - height + 1))
    across = int(rng.integers(0, scene.shape[1] - width + 1))
    scene[down : down + height, across : across + width] = shown


def add_object(scene: Image, rgba: Image, rng: np.random.Generator) -> Image:
    """Put a cut-out (h, w, 4) object into a scene, where a person might be."""
    height, width = scene.shape[:2]
    scale = height * rng.uniform(0.2, 1.2) / rgba.shape[0]
    flip = -1.0 if rng.random() < 0.5 else 1.0
    centre = np.array((width * rng.uniform(0.1, 0.9), height * rng.uniform(0.3, 1.0)))
    linear = scale * np.diag((flip, 1.0))
    middle = np.array((rgba.shape[1], rgba.shape[0])) / 2
    matrix = np.column_stack((linear, centre - linear @ middle))
    layer = cv2.warpAffine(rgba, matrix, (width, height))
    colour, alpha = np.ascontiguousarray(layer[..., :3]), np.ascontiguousarray(layer[..., 3])
    return blend(np.asarray(colour, np.uint8), scene, np.asarray(alpha, np.uint8))


def draw_scene(
    library: Library, size_wh: tuple[int, int], draws: Draws, settings: DrawSettings
) -> Image:
    """Draw a background without people."""
    steps, shares = settings.steps, settings.scenes
    scene = draw_view_of(library, shares, size_wh, draws.rng("scene"))
    rng = draws.happens("halves", steps.halves)
    if rng is not None:
        x = int(rng.integers(0, size_wh[0]))
        scene[:, x:] = draw_view_of(library, shares, size_wh, rng)[:, x:]
    rng = draws.happens("furniture", steps.furniture)
    if rng is not None:
        for _ in range(int(rng.integers(1, 4))):
            plain = rng.random() < 0.6
            mask = draw_object(size_wh, rng)
            texture = wall(size_wh, rng) if plain else draw_view_of(library, shares, size_wh, rng)
            scene = blend(texture, scene, mask)
    rng = draws.happens("poster", steps.poster)
    if rng is not None:
        add_poster(scene, library, rng)
    objects = library.scenes.get("objects")
    rng = draws.happens("objects", steps.objects)
    if rng is not None and objects:
        scene = add_object(scene, objects[int(rng.integers(len(objects)))], rng)
    rng = draws.happens("scene_blur", steps.scene_blur)
    if rng is not None:
        side = 2 * round(float(rng.uniform(1.0, 10.0)) * size_wh[1] / 144) + 1
        scene = np.asarray(cv2.stackBlur(scene, (side, side)), np.uint8)
    rng = draws.happens("scene_tone", steps.scene_tone)
    if rng is not None:
        scene = apply_table(scene, tone_table(rng, 1.5))
    rng = draws.happens("scene_hue", steps.scene_hue)
    if rng is not None:
        scene = np.ascontiguousarray(scene[..., rng.permutation(3)])
    return scene


def camouflage(scene: Image, colour: NDArray[np.float64], rng: np.random.Generator) -> Image:
    """Take contrast from a scene and give it nearly a colour, (3,) 0 to 255.

    A person of that colour differs from the scene in shape alone: pale clothes before a pale wall.
    """
    mean = np.array(cv2.mean(scene)[:3])
    wanted = colour + rng.normal(0, 10, 3)
    table = (np.arange(256)[:, None] - mean) * rng.uniform(0.1, 0.6) + wanted
    return apply_table(scene, np.clip(table, 0, 255).astype(np.uint8))
