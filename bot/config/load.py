"""A file to a Config, or all its faults at once."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.faults import ConfigError, Fault, Loc, did_you_mean, one_of, shown
from bot.config.model import Config
from bot.config.source import Source, read

VARIABLE = "ROLLOUT_BOT_CONFIG"


def config_file(environ: Mapping[str, str], given: str | None = None) -> Path:
    """
    Name the file: what was given on the command line, else by the environment.

    Raises:
        ConfigError: neither.

    """
    if name := given or environ.get(VARIABLE):
        return Path(name)
    raise ConfigError(
        [Fault("environment", 0, VARIABLE, "is not set, and there is no --config FILE either")]
    )


def load(path: Path) -> Config:
    """
    Read the configuration.

    Raises:
        ConfigError: with every fault, in the order of the lines.

    """
    source = read(path)
    config = None
    if source.data is not None:
        try:
            config = Config.model_validate(source.data, context=source)
        except ValidationError as error:
            source.faults += (_fault(source, details) for details in error.errors())
    if source.faults or config is None:
        raise ConfigError(sorted(source.faults, key=lambda fault: fault.line))
    return config


def _fault(source: Source, details: ErrorDetails) -> Fault:
    return source.fault(details["loc"], _message(details))


def _message(details: ErrorDetails) -> str:
    given, context = details["input"], details.get("ctx", {})
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return _unknown_key(details["loc"])
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return _not_among(given, _choices(details["loc"]))
        case "string_type":
            return f"{shown(given)} must be text{'' if _is_tree(given) else '; put it in quotes'}"
        case "bool_type":
            return f"{shown(given)} must be true or false"
        case "tuple_type" | "frozen_set_type" | "set_type":
            return f"{shown(given)} must be a list{'' if _is_tree(given) else f': [{given}]'}"
        case "too_short":
            return "must not be empty"
        case "model_type" | "model_attributes_type":
            return f"{shown(given)} must have keys; {one_of(_keys(details['loc']))}"
        case _:
            return details["msg"]


def _unknown_key(loc: Loc) -> str:
    keys = _keys(loc[:-1])
    return f"is not known{did_you_mean(str(loc[-1]), keys)}; {one_of(keys)}"


def _not_among(given: Any, choices: tuple[str, ...]) -> str:
    hint = did_you_mean(given, choices) if isinstance(given, str) else ""
    return f"{shown(given)} is not known{hint}; {one_of(choices)}"


def _is_tree(given: Any) -> bool:
    return isinstance(given, list | dict)


def _keys(loc: Loc) -> tuple[str, ...]:
    """Name the keys that are allowed at a place."""
    models = [part for part in _parts(_annotation(loc)) if issubclass(part, BaseModel)]
    return tuple(name for model in models for name in model.model_fields)


def _choices(loc: Loc) -> tuple[str, ...]:
    """Name the words that are allowed at a place."""
    annotation = _annotation(loc)
    enums = [part for part in _parts(annotation) if issubclass(part, Enum)]
    return tuple(str(one.value) for enum in enums for one in enum) or get_args(annotation)


def _annotation(loc: Loc) -> Any:
    """Give the type of a place; of a place in a list, that of the list."""
    annotation: Any = Config
    for part in loc:
        if isinstance(part, str):
            model = next(one for one in _parts(annotation) if issubclass(one, BaseModel))
            annotation = model.model_fields[part].annotation
    return annotation


def _parts(annotation: Any) -> list[type[Any]]:
    """Name the classes in a type, such as those of `tuple[Channel, ...]` or `Digest | None`."""
    if get_origin(annotation) is None:
        return [annotation] if isinstance(annotation, type) else []
    return [part for one in get_args(annotation) for part in _parts(one)]
