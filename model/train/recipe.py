"""Recipes: what a run computes, as a TOML file; `recipes/live.toml` makes the shipped network."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from u2cam.model.train.settings import TrainSettings

RECIPES = Path(__file__).parent / "recipes"
BUDGETS = ("minutes", "steps")


def read_recipe(name: str) -> dict[str, Any]:
    """Read a recipe by its name, or a TOML file.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is not TOML.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise FileNotFoundError(f"--recipe {name}: no such recipe; give {known} or a .toml file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"--recipe {name}: not TOML: {error}") from error


def parse_value(text: str) -> Any:
    """Read a value as TOML writes it; what is no TOML is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def override(options: dict[str, Any], assignments: Sequence[str]) -> None:
    """Set values of a recipe in place, each given as `section.key=value`.

    Phases are numbered from 0: `phases.1.clip_frames=16`. `minutes` takes the place of `steps`, and
    the other way round.

    Raises:
        ValueError: an assignment is none, or leads nowhere.
    """
    for text in assignments:
        name, equals, value = text.partition("=")
        *path, key = name.split(".")
        place: Any = options
        try:
            for part in path:
                place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
            if not equals or not isinstance(place, dict):
                raise ValueError("no such place")
        except (ValueError, IndexError) as error:
            raise ValueError(
                f"--set {text}: wanted section.key=value, like draw.people.keyed=0 or "
                "phases.1.clip_frames=16"
            ) from error
        if not path and key in BUDGETS:
            for other in BUDGETS:
                place.pop(other, None)
        place[key] = parse_value(value)


def make_settings(options: dict[str, Any]) -> TrainSettings:
    """Check the settings of a run.

    Raises:
        ValueError: in one line, what is wrong with which setting.
    """
    try:
        return TrainSettings.model_validate(options)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"])
        message = wrong["msg"].removeprefix("Value error, ")
        if isinstance(wrong["input"], str | int | float):
            message += f", got {wrong['input']}"
        raise ValueError(f"{name}: {message}" if name else message) from error
