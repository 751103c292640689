"""The tables of `docs/configuration.md`, from the models in `bot/config/keys.py`."""

import types
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from inspect import cleandoc
from typing import Any, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config import Address, Config

_HOUR = timedelta(hours=1)


def tables() -> str:
    """All sections of the file, each as a table."""
    return "\n\n".join(_section(name, model) for name, model in sections(Config))


def sections(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Go through the sections of the file: the name of each, and what may stand in it."""
    for name, key in model.model_fields.items():
        section = section_of(key)
        if section:
            yield f"{before}{name}", section
            yield from sections(section, f"{before}{name}.")


def section_of(key: FieldInfo) -> type[BaseModel] | None:
    """Give the section that a key holds, one or a list of them; None: it holds a value."""
    return next((one for one in _classes(key.annotation) if issubclass(one, BaseModel)), None)


def keys_of(section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Go through the keys of a section that hold values."""
    return ((name, key) for name, key in section.model_fields.items() if not section_of(key))


def default_of(key: FieldInfo) -> str:
    """Write a key's default as it would stand in the file."""
    if key.is_required():
        return "required"
    return "none" if key.default is None else f"`{as_yaml(key.default)}`"


def as_yaml(value: Any) -> str:
    """Write a value as it stands in the file."""
    return (
        yaml.safe_dump(_plain(value), default_flow_style=True, width=10_000)
        .split("\n...")[0]
        .strip()
    )


def _section(name: str, section: type[BaseModel]) -> str:
    rows = [
        f"| `{key}` | {default_of(info)} | {info.description} | `{as_yaml(info.examples[0])}` |"
        for key, info in keys_of(section)
        if info.examples
    ]
    about = cleandoc(section.__doc__ or "").replace("\n\n", "\0").replace("\n", " ")
    return "\n".join(
        (
            f"### `{name}`",
            "",
            about.replace("\0", "\n\n"),
            "",
            "| key | default | meaning | example |",
            "|---|---|---|---|",
            *rows,
        )
    )


def _plain(value: Any) -> Any:
    """Turn a value of the models back into what is written."""
    match value:
        case timedelta():
            hours, rest = divmod(value, _HOUR)
            return f"{hours}h" if hours and not rest else f"{value.total_seconds():g}s"
        case Address():
            return f"{value.host}:{value.port}"
        case Enum():
            return value.value
        case ZoneInfo():
            return value.key
        case frozenset():
            return [_plain(one) for one in sorted(value, key=_place)]
        case list() | tuple():
            return [_plain(one) for one in value]
    return value


def _place(one: Any) -> Any:
    return list(type(one)).index(one) if isinstance(one, Enum) else one


def _classes(annotation: Any) -> list[type[Any]]:
    """Name the classes in a type, such as that of `tuple[Channel, ...]`."""
    if get_origin(annotation) is None:
        return [annotation] if isinstance(annotation, type) else []
    if get_origin(annotation) not in (Union, types.UnionType, tuple, list):
        return []
    return [found for one in get_args(annotation) for found in _classes(one)]
