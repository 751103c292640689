"""The chart's values: documented, checked by the schema, and a configuration that the bot takes."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from bot.balancing.finding import Severity
from bot.config import Config, load
from bot.farewell import AT_THE_LATEST
from bot.release.access import Permission
from bot.release.changes import Topic
from tests.helm.chart import (
    CHART,
    ROOT,
    VALUE_SETS,
    defaults,
    leaves,
    merged,
    read,
    schema,
    values_of,
)
from tests.helm.table import README, rows, with_table


def named(value_set):
    return value_set.name.removesuffix("-values.yaml")


# --- the documentation --------------------------------------------------------------------------


def test_the_readme_says_what_the_comments_of_the_values_say():
    """After a change: python -m tests.helm.table --write."""
    text = README.read_text()

    assert text == with_table(text)


def test_every_value_has_a_comment():
    """A map counts as one value where its keys are the administrator's own."""
    documented = {row.path for row in rows()}
    bare = [path for path in leaves(defaults()) if not _is_under(path, documented)]

    assert bare == []


def _is_under(path, documented):
    parts = path.split(".")
    return any(".".join(parts[:n]) in documented for n in range(1, len(parts) + 1))


# --- the schema ---------------------------------------------------------------------------------


def properties(node: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Name what the schema knows, down to what has no properties of its own."""
    if "properties" not in node:
        yield ".".join(path)
        return
    assert node["additionalProperties"] is False, f"{'.'.join(path)} takes any key"
    for key, value in node["properties"].items():
        yield from properties(value, (*path, key))


def test_every_value_is_in_the_schema_and_vice_versa():
    """The bot's own configuration apart: the next test compares that with the bot."""
    mine = {row.path for row in rows() if not row.path.startswith("config.")}
    known = {path for path in properties(schema()) if not path.startswith("config.")}

    assert known - {"global"} == mine  # `global` is Helm's


def test_no_value_can_be_taken_away():
    """`--set rbac.create=null` takes a default away; a template would read that as false."""

    def required(node: Any, path: tuple[str, ...] = ()) -> None:
        if "properties" in node and path[:1] != ("config",):
            assert set(node["properties"]) - {"global"} == set(node["required"]), path
            for key, value in node["properties"].items():
                required(value, (*path, key))

    required(schema())
    config = schema()["properties"]["config"]
    assert set(config["required"]) == set(defaults()["config"])
    assert set(config["properties"]["kubernetes"]["required"]) == set(
        defaults()["config"]["kubernetes"]
    )


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model in `tuple[Channel, ...]` or `Digest | None`; None: a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := model_in(each))), None)


def test_the_schema_knows_the_keys_that_the_bot_knows():
    """A slip in `config` is found by Helm, not by a bot that does not start."""

    def compare(node: Any, model: type[BaseModel], path: str) -> None:
        node = node.get("items", node)
        assert node["additionalProperties"] is False, path
        assert set(node["properties"]) == set(model.model_fields), path
        for key, field in model.model_fields.items():
            inner = model_in(field.annotation)
            if inner:
                compare(node["properties"][key], inner, f"{path}.{key}")

    compare(schema()["properties"]["config"], Config, "config")


def test_the_schema_knows_the_words_that_the_bot_knows():
    known = schema()["properties"]["config"]["properties"]

    def words(node):
        return set(node.get("items", node)["enum"])

    assert words(known["access"]["items"]["properties"]["allow"]) == set(Permission)
    assert words(known["channels"]["items"]["properties"]["tell"]) == set(Topic)
    assert words(known["drift"]["properties"]["severity"]) == set(Severity)


@pytest.mark.parametrize(
    ("values", "where", "message"),
    [
        ({"replica": 2}, "", "'replica' was unexpected"),
        ({"replicas": -1}, "replicas", "-1 is less than the minimum of 0"),
        ({"replicas": "two"}, "replicas", "'two' is not of type 'integer'"),
        ({"database": {"kind": "mysql"}}, "database.kind", "not one of ['sqlite', 'postgresql']"),
        ({"slack": {"existingSecret": "A B"}}, "slack.existingSecret", "'A B' does not match"),
        ({"rbac": {"create": None}}, "rbac.create", "None is not of type 'boolean'"),
        ({"config": {"chanels": []}}, "config", "'chanels' was unexpected"),
        (
            {"config": {"kubernetes": {"writes": "no"}}},
            "config.kubernetes.writes",
            "'no' is not of type 'boolean'",
        ),
        (
            {"config": {"access": [{"allow": ["deploy"], "users": ["U0ANN"]}]}},
            "config.access.0.allow.0",
            "'deploy' is not one of",
        ),
        ({"terminationGracePeriodSeconds": 5}, "terminationGracePeriodSeconds", "minimum of 12"),
        ({"image": {"digest": "latest"}}, "image.digest", "'latest' does not match"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_what_is_allowed(values, where, message):
    """Helm says the same in its own words: tests/cluster/test_cluster_chart.py."""
    faults = list(jsonschema.Draft7Validator(schema()).iter_errors(merged(defaults(), values)))

    [fault] = faults
    assert ".".join(map(str, fault.absolute_path)) == where
    assert message in fault.message


@pytest.mark.parametrize("value_set", VALUE_SETS, ids=named)
def test_the_examples_of_values_are_valid(value_set):
    jsonschema.Draft7Validator.check_schema(schema())
    jsonschema.validate(values_of(value_set), schema(), cls=jsonschema.Draft7Validator)


# --- what the bot makes of them -----------------------------------------------------------------


@pytest.mark.parametrize("value_set", [CHART / "values.yaml", *VALUE_SETS], ids=named)
def test_the_configuration_in_the_values_is_one_that_the_bot_takes(value_set, tmp_path):
    file = tmp_path / "rollout-bot.yaml"
    file.write_text(yaml.safe_dump(values_of(value_set)["config"]))

    assert load(file).health.listen.host == "0.0.0.0"


def test_one_of_the_examples_says_everything_that_can_be_configured():
    """So that what the cluster's tests render holds every key."""
    config = values_of(CHART / "ci" / "everything-values.yaml")["config"]

    assert set(config) == set(Config.model_fields)


def test_kubernetes_waits_until_the_bot_has_ended():
    grace = schema()["properties"]["terminationGracePeriodSeconds"]["minimum"]

    assert AT_THE_LATEST < grace <= defaults()["terminationGracePeriodSeconds"]


def test_the_pod_is_the_user_of_the_image():
    """Another number could not read what belongs to the image's user."""
    template = (CHART / "templates" / "deployment.yaml").read_text()
    dockerfile = (ROOT / "Dockerfile").read_text()
    [user] = re.findall(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)

    assert re.findall(r"runAs(?:User|Group): (\d+)", template) == list(user)


def test_the_chart_has_the_version_of_the_bot():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chart = read("Chart.yaml")

    assert chart["version"] == chart["appVersion"] == project["version"]
