"""All settings of the program, joined from the packages, and the layers they are read from.

Precedence: defaults < shipped `config.toml` < the user's own < `--config` < `--set` < named
options.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import BaseModel, ValidationError

from u2cam.core.checks import require_kind
from u2cam.core.errors import SettingsError
from u2cam.core.section import Section
from u2cam.effects.settings import BackgroundSettings, ColorSettings, HoldingSettings, MatteSettings
from u2cam.model.settings import ModelSettings
from u2cam.stream.settings import (
    CaptureSettings,
    HardwareSettings,
    LimitsSettings,
    LiveSettings,
    MattingSettings,
    OutputSettings,
    PipelineSettings,
    VirtualCameraSettings,
)


class Settings(Section):
    """Everything that can be set, one section per part of the program.

    `config.toml` lists every key with its default and its meaning.
    """

    capture: CaptureSettings = CaptureSettings()
    limits: LimitsSettings = LimitsSettings()
    model: ModelSettings = ModelSettings()
    matte: MatteSettings = MatteSettings()
    color: ColorSettings = ColorSettings()
    background: BackgroundSettings = BackgroundSettings()
    holding: HoldingSettings = HoldingSettings()
    pipeline: PipelineSettings = PipelineSettings()
    matting: MattingSettings = MattingSettings()
    live: LiveSettings = LiveSettings()
    output: OutputSettings = OutputSettings()
    hardware: HardwareSettings = HardwareSettings()
    virtual_camera: VirtualCameraSettings = VirtualCameraSettings()


REMOVED = {
    "matte.refine = 'bilateral'": "was removed in 0.2: guided is better by every measure",
    "matte.smoothing = 'difference'": "was removed in 0.2: flow is better by every measure",
}
"""Keys, and keys with a value, that settings of an earlier version may hold, and why they went."""

_PACKAGE = Path(__file__).resolve().parent


class Layers:
    """Collects settings from several places, remembers who said what, and checks all at once."""

    def __init__(self, option_names: Mapping[str, str] | None = None) -> None:
        self._option_names = option_names or {}
        self._values: dict[str, Any] = {}
        self._origin: dict[tuple[str, ...], str] = {}
        self._problems: list[str] = []

    def add_file(self, path: Path) -> None:
        """Lay a TOML file over what is there."""
        try:
            with path.open("rb") as file:
                self.add(tomllib.load(file), origin=str(path))
        except FileNotFoundError:
            self._problems.append(f"{path}: there is no such file of settings")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self._problems.append(f"{path}: cannot be read as TOML: {error}")

    def add_assignment(self, assignment: str) -> None:
        """Lay one `section.key=value` over what is there; the value is TOML, or else plain text."""
        key, equals, text = assignment.partition("=")
        path = key.strip().split(".")
        if not equals or len(path) < 2 or not all(path):
            self._problems.append(f"--set {assignment}: wanted section.key=value")
            return
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text.strip()
        for part in reversed(path):
            value = {part: value}
        self.add(value, origin="--set")

    def add(self, values: Mapping[str, Any], *, origin: str) -> None:
        """Lay nested values over what is there."""
        self._merge(self._values, values, (), origin)

    def settings(self) -> Settings:
        """Check everything and return the result.

        Raises:
            SettingsError: with all problems of all layers.
        """
        try:
            checked = Settings.model_validate(self._values)
        except ValidationError as error:
            self._problems += [self._line(problem) for problem in error.errors()]
        if self._problems:
            raise SettingsError(self._problems)
        return checked

    def _merge(
        self, into: dict[str, Any], values: Mapping[str, Any], path: tuple[str, ...], origin: str
    ) -> None:
        for key, value in values.items():
            here = (*path, key)
            if isinstance(value, Mapping):
                below = into.setdefault(key, {})
                if isinstance(below, dict):
                    self._merge(below, value, here, origin)
                    continue
            into[key] = value
            # Last, so that it is found first: who speaks last upsets what fitted before.
            self._origin.pop(here, None)
            self._origin[here] = origin

    def _origin_of(self, path: tuple[str, ...]) -> str:
        """Return who set this key, or a key below it, or the section it stands in."""
        for said, origin in reversed(self._origin.items()):
            shorter = min(len(said), len(path))
            if said[:shorter] == path[:shorter]:
                return origin
        return "settings"

    def _line(self, problem: Mapping[str, Any]) -> str:
        path = tuple(str(part) for part in problem["loc"] if str(part) in _KEY_NAMES)
        unknown = problem["type"] == "extra_forbidden"
        if unknown:
            path = tuple(str(part) for part in problem["loc"])
        name = ".".join(path)
        origin = self._origin_of(path)
        if origin == "option":
            origin = self._option_names.get(name, origin)
        said = name if unknown else f"{name} = {problem['input']!r}"
        if said in REMOVED:
            rid = "delete the line" if origin.endswith(".toml") else "leave it out"
            return f"{origin}: {said} {REMOVED[said]}; {rid}"
        if unknown:
            near = difflib.get_close_matches(name, _key_paths(Settings), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else "; config.toml lists all keys"
            return f"{origin}: {name}: there is no such setting{hint}"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "string_pattern_mismatch":
            message = f"wanted {_description(path)}"
        if isinstance(problem["input"], Mapping):
            return f"{origin}: {name}: {message}"
        return f"{origin}: {said}: {message[0].lower()}{message[1:]}"


def _description(path: tuple[str, ...]) -> str:
    """Return what a key's description says that it takes."""
    section = Settings.model_fields[path[0]].annotation
    assert isinstance(section, type) and issubclass(section, BaseModel)
    said = section.model_fields[path[1]].description or ""
    return said.rstrip(".")


def _key_paths(section: type[BaseModel], prefix: str = "") -> list[str]:
    """Return the dotted names of all sections and keys."""
    paths: list[str] = []
    for name, field in section.model_fields.items():
        paths.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            paths += _key_paths(field.annotation, f"{prefix}{name}.")
    return paths


_KEY_NAMES = {part for path in _key_paths(Settings) for part in path.split(".")}


def shipped_config(package: Path = _PACKAGE) -> Path | None:
    """Return the `config.toml` that came with the program: in its package, or in its checkout.

    A file that merely lies beside the package is none of ours: beside an installed one, that is
    in site-packages, it may be anybody's.
    """
    inside, beside = package / "config.toml", package.parent / "config.toml"
    if inside.is_file():
        return inside
    return beside if beside.is_file() and _is_checkout(package.parent) else None


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return bool(project.get("project", {}).get("name") == "u2cam")


def own_config() -> Path:
    """Return where the user's own settings are looked for."""
    return user_config_path("u2cam") / "config.toml"


def config_files(named: Iterable[Path]) -> list[Path]:
    """Return the files of settings that are there, from the weakest: shipped, own, those named."""
    shipped, own = shipped_config(), own_config()
    found = [] if shipped is None else [shipped]
    # A broken link counts, and is complained of when it is read; a home that is closed to a
    # service does not.
    if os.path.lexists(own):
        found.append(own)
    return [*found, *named]


def load(
    files: Iterable[Path],
    assignments: Iterable[str],
    options: Mapping[str, Any],
    option_names: Mapping[str, str] | None = None,
) -> Settings:
    """Read all layers, from the weakest to the strongest.

    Args:
        files: TOML files, the later over the earlier.
        assignments: `section.key=value`.
        options: nested values of named options.
        option_names: what to call them in messages, by dotted key.

    Raises:
        SettingsError: with all problems at once.
    """
    layers = Layers(option_names)
    for path in files:
        layers.add_file(path)
    for assignment in assignments:
        layers.add_assignment(assignment)
    layers.add(options, origin="option")
    return layers.settings()


def settled(
    settings: Settings | Mapping[str, Any] | None, options: Mapping[str, Mapping[str, Any]]
) -> Settings:
    """Return the settings of a call from Python: no file is read.

    Args:
        settings: checked settings, or nested values {section: {key: value}}; None: defaults.
        options: the call's own arguments in the same shape; None among them changes nothing.

    Raises:
        WrongTypeError: neither of these.
        SettingsError: with all problems at once.
    """
    wanted = "u2cam.Settings or values as {'matte': {'low': 0.1}}"
    require_kind("settings", settings, (Settings, Mapping), wanted, optional=True)
    layers = Layers()
    if isinstance(settings, Settings):
        settings = settings.model_dump(exclude_unset=True)
    layers.add(settings or {}, origin="settings")
    for section, keys in options.items():
        given = {key: value for key, value in keys.items() if value is not None}
        layers.add({section: given}, origin="argument")
    return layers.settings()
