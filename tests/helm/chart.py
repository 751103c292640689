"""The chart as files: its values, its schema, its rights; no Helm is needed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "rollout-bot"
VALUE_SETS = sorted((CHART / "ci").glob("*-values.yaml"))

Values = dict[str, Any]


def defaults() -> Values:
    """What stands in values.yaml."""
    return read("values.yaml")


def schema() -> dict[str, Any]:
    """The schema of the values."""
    return json.loads((CHART / "values.schema.json").read_text())


def read(name: str) -> Any:
    """Read one YAML file of the chart."""
    return yaml.safe_load((CHART / name).read_text())


def merged(base: Values, changes: Mapping[str, Any]) -> Values:
    """Lay changes over values as Helm does: maps key by key, all else as a whole."""
    result = dict(base)
    for key, value in changes.items():
        before = result.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        result[key] = merged(before, value) if both else value
    return result


def values_of(value_set: Path) -> Values:
    """All values when this file is given."""
    return merged(defaults(), yaml.safe_load(value_set.read_text()))


def leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Name each value that is no map with values of its own: `image.tag`."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    else:
        yield ".".join(path)
