"""The base of every section of the settings."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of the settings file: frozen, and an unknown key is an error.

    The text of a section's class stands above the section in `config.toml`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)
    """A size may be written 320 where 512x288 is possible too."""
