"""The chart's rights are those of config/rbac*.yaml, and its policy knows what the bot patches."""

import re
from collections import defaultdict
from typing import Any

import pytest
import yaml

from bot.release import guards
from tests.helm.chart import CHART, ROOT, read

Rights = dict[str, set[str]]


def rights(*rules: Any) -> Rights:
    """Sum rules up: which verbs on `group/resource`."""
    found: Rights = defaultdict(set)
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                found[f"{group}/{resource}"] |= set(rule["verbs"])
    return dict(found)


def granted(file: str, kind: str = "ClusterRole") -> Rights:
    """Sum up the only role of this kind in a file of config/."""
    documents = yaml.safe_load_all((ROOT / "config" / file).read_text())
    [role] = [each for each in documents if each["kind"] == kind]
    return rights(*role["rules"])


@pytest.mark.parametrize(
    ("files", "config"),
    [
        (["read", "act", "cluster"], "rbac.yaml"),
        (["read", "cluster"], "rbac-read-only.yaml"),
    ],
    ids=["acts", "reads"],
)
def test_the_chart_grants_what_the_files_of_config_grant(files, config):
    """What is true for one way to install the bot is true for the other."""
    rules = [rule for name in files for rule in read(f"rights/{name}.yaml")]

    assert rights(*rules) == granted(config)


def test_the_policy_names_all_that_the_bot_patches_and_nothing_else():
    """Whoever lets an action patch another field meets the policy here, not at 3 a.m."""
    text = (CHART / "templates" / "admissionpolicy.yaml").read_text()
    lines = re.findall(r'"of" "(\w+)".* "free" \(list ([^)]+)\)', text)
    allowed = {of: set(re.findall(r'"(\w+)"', names)) for of, names in lines}
    patched = {
        value.split("/")[-1]: value.split("/")[-2]
        for name, value in vars(guards).items()
        if name.isupper() and str(value).startswith("/")
    }

    del allowed["metadata"]  # what the API server itself keeps there
    assert {name for names in allowed.values() for name in names} == set(patched)
    for of, names in allowed.items():
        assert {patched[name] for name in names} == {of.replace("routing", "trafficRouting")}
