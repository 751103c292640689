"""What is promised of a header, against another reading of the balancer: one rule after another."""

import re
from dataclasses import replace
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.foresight import with_routes, with_weight
from bot.balancing.groups import find_groups
from bot.balancing.model import build
from bot.balancing.reaching import header_reaches_canary
from bot.release.steps import header_route_step
from tests.balancing.loading import take_in
from tests.balancing.ordering import a_release, an_ingress, asks_for, entry
from tests.balancing.situations import a_path
from tests.tries import tries

WEB = a_release(steps=[{"setWeight": 10}, {"pause": {}}])
GROUP = {"group.name": "shared"}
PATHS = ("/", "/x", "/api", "/api/v1", "/shop")
HOSTS = ("app.test", "docs.test")
KINDS = [("/", "Prefix"), ("/*", "ImplementationSpecific"), ("/", "ImplementationSpecific"),
         ("/api", "Prefix"), ("/api/*", "ImplementationSpecific"), ("/x", "Exact")]  # fmt: skip


def matches(glob, text):
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in glob)
    return re.fullmatch("".join(parts), text) is not None


def answered(rules, host, path, headers):
    for rule in rules:
        if rule.hosts and not any(matches(glob, host) for glob in rule.hosts.globs):
            continue
        if rule.paths and not any(matches(glob, path) for glob in rule.paths.globs):
            continue
        if all(headers.get(test.header) in test.values for test in rule.tests):
            return rule
    return None


services = st.sampled_from(["root", "web-stable", "site", "theirs"])
hosts = st.sampled_from(["", *HOSTS])


@st.composite
def entries(draw, own):
    paths = []
    for _ in range(draw(st.integers(1, 3))):
        path, kind = draw(st.sampled_from(KINDS))
        name = draw(services if own else st.sampled_from(["site", "theirs"]))
        port = {"name": "use-annotation"} if name == "root" else {"number": 80}
        paths.append(a_path(name, path, kind, port=port))
    return entry(*paths, host=draw(hosts))


@st.composite
def groups(draw):
    more = {**GROUP, "conditions.theirs": asks_for("1")}
    documents = [an_ingress(*draw(st.lists(entries(own=True), min_size=1, max_size=2)), **more)]
    for name in draw(st.sampled_from([[], ["a"], ["z"], ["a", "z"]])):
        own = draw(st.lists(entries(own=False), min_size=1, max_size=1))
        documents.append(an_ingress(*own, name=name, **more))
    return documents


@tries(400)
@given(groups())
def test_when_nothing_is_said_the_public_of_the_rollout_reaches_the_canary(
    documents,
):
    inventory = take_in(*documents, WEB)
    (rollout,) = inventory.rollouts
    if header_reaches_canary(inventory, rollout, "X-Canary", "1"):
        return
    route = header_route_step("X-Canary", "1")["setHeaderRoute"]
    managed = rollout.model_copy(
        update={"managed_routes": (type(rollout.managed_routes[0])(name=route["name"]),)}
    )
    (group,) = find_groups(inventory)
    members = tuple(
        with_routes(managed, with_weight(managed, m), [route]) if m.name == "web" else m
        for m in group.members
    )
    (listener,) = build(inventory, replace(group, members=members)).listeners
    for host, path in product(HOSTS, PATHS):
        public = answered(listener.rules, host, path, {})
        if public and public.ingress == "default/web" and public.service in {"root", "web-stable"}:
            rule = answered(listener.rules, host, path, {"X-Canary": "1"})
            assert rule.share_of("web-canary") == 1, (host, path, str(rule))
