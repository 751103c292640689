"""JSON as it goes over the wire, and back."""

import json
from typing import Any

import yaml

from bot.sandbox.cluster.objects import Manifest

_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False
).encode
_SURROGATE = b"\\ud"


class Garbled(ValueError):  # noqa: N818 - how the bytes are
    """These bytes are no JSON, nor YAML where that is taken. Args: what is wrong."""


def text_of(value: Any) -> bytes:
    """Write it as JSON."""
    return _encode(value).encode()


def value_of(text: bytes) -> Any:
    """Read JSON. Raises Garbled."""
    try:
        value = json.loads(text.decode("utf-8", "replace"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Garbled(_in_words(text, error)) from error
    return _whole(value) if _SURROGATE in text.lower() else value


def value_of_yaml(text: bytes) -> Any:
    """Read YAML, of which JSON is a part. Raises Garbled."""
    try:
        return value_of(text)
    except Garbled:
        pass
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise Garbled(f"error converting YAML to JSON: yaml: {error}") from error
    return json.loads(json.dumps(value, default=str))


class _Loader(yaml.SafeLoader):
    """Times stay the words that they are: in manifests they are strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, how) for tag, how in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Texts:
    """The JSON of objects, written once for each version. One for each kind."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Manifest, bytes]] = {}

    def of(self, thing: Manifest) -> bytes:
        """Give the JSON of the newest version; of another one it is written anew."""
        metadata = thing["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        kept = self._kept.get(key)
        if kept is not None and kept[0] is thing:
            return kept[1]
        text = text_of(thing)
        self._kept[key] = (thing, text)
        return text

    def forget(self, key: tuple[str, str]) -> None:
        """It is gone."""
        self._kept.pop(key, None)


def _no_number(name: str) -> Any:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _in_words(text: bytes, error: Exception) -> str:
    """Say it as the real server does where that is easy, which is for the shortest bodies."""
    if not text.strip():
        return "unexpected end of JSON input"
    if isinstance(error, json.JSONDecodeError) and error.pos < len(error.doc):
        where = "object key string" if "property name" in error.msg else "value"
        return f"invalid character {error.doc[error.pos]!r} looking for beginning of {where}"
    if isinstance(error, json.JSONDecodeError):
        return "unexpected end of JSON input"
    return str(error)


def _whole(value: Any) -> Any:
    """Put a replacement sign where half a sign stands, which no UTF-8 can hold."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
