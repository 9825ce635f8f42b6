"""`config.toml`, written from the settings: `python -m scripts.config_text > config.toml`.

A test holds the shipped file against this text, so that it always tells every key, its default
and its meaning.
"""

import json
import textwrap
from typing import Any

from pydantic import create_model
from pydantic.fields import FieldInfo

from u2cam.settings import Settings

HEAD = """\
# Settings of u2cam. Every key is here with its default; an unknown key is an error.
# Precedence: defaults < this file < your own config.toml (~/.config/u2cam on Linux)
# < --config FILE < --set section.key=value < named options.
# A key behind a # has no default value.
"""


def config_text() -> str:
    """Return the text of `config.toml` with every section, key and default."""
    blocks = [HEAD]
    for name, field in Settings.model_fields.items():
        section = field.get_default()
        lines = [f"# {type(section).__doc__}", f"[{name}]"]
        for key, key_field in type(section).model_fields.items():
            lines += [*_comment(key_field), _line(key, key_field.get_default())]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _comment(field: FieldInfo) -> list[str]:
    allowed = _allowed(field)
    text = f"{field.description}{f' {allowed}' if allowed else ''}"
    return ["", *textwrap.wrap(text, width=98, initial_indent="# ", subsequent_indent="# ")]


def _allowed(field: FieldInfo) -> str:
    """Return the values that are taken, as JSON schema tells them."""
    kind: Any = field.annotation
    model = create_model("Only", key=(kind, field))
    schema: dict[str, Any] = model.model_json_schema()["properties"]["key"]
    for option in (schema, *schema.get("anyOf", ())):
        if "enum" in option:
            return "One of: " + ", ".join(str(value) for value in option["enum"]) + "."
        low = option.get("minimum", option.get("exclusiveMinimum"))
        high = option.get("maximum", option.get("exclusiveMaximum"))
        if low is not None and high is not None:
            above = "above " if "exclusiveMinimum" in option else ""
            below = "below " if "exclusiveMaximum" in option else ""
            return f"Range: {above}{low:g} to {below}{high:g}."
    return ""


def _line(key: str, value: object) -> str:
    return f"# {key} =" if value is None else f"{key} = {json.dumps(value)}"


if __name__ == "__main__":
    print(config_text(), end="")
