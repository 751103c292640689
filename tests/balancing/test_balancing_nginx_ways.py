"""Which requests go where behind NGINX, and what is wired so that it cannot work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from bot.balancing.argo import canary_ingress
from bot.balancing.drift import find_drift
from bot.balancing.inspection import inspect
from bot.balancing.inventory import Inventory
from bot.balancing.nginx_kept import kept
from bot.balancing.nginx_ways import read_ways
from bot.balancing.objects import Ingress, Service
from bot.balancing.weights import read_traffic
from bot.release.rollout import Rollout
from bot.release.traffic import Look, Pods

MANIFESTS = Path(__file__).parents[1] / "manifests"
NGINX = "nginx.ingress.kubernetes.io"


def load(name):
    """One file as an inventory; all that exists where its first line says so."""
    text = (MANIFESTS / name).read_text()
    found = {"Rollout": [], "Ingress": [], "Service": []}
    for one in filter(None, yaml.safe_load_all(text)):
        one["metadata"] = {"namespace": "shop", "uid": "u"} | one["metadata"]
        found[one["kind"]].append(one)
    return Inventory(
        rollouts=tuple(map(Rollout.model_validate, found["Rollout"])),
        ingresses=tuple(map(Ingress.model_validate, found["Ingress"])),
        services=tuple(map(Service.model_validate, found["Service"])),
        is_whole="Read as a whole cluster." in text,
    )


def ways(inventory):
    """As short lines: host and path, what is asked, where it goes."""
    (rollout,) = inventory.rollouts
    return [
        f"{way.host}{way.path} [{way.asks}] "
        + " ".join(f"{service} {float(share * 100):g}" for service, share in way.shares)
        + (" canary" if way.to_canary else "")
        for way in read_ways(rollout, inventory)
    ]


def with_canary(inventory, weight, **changes):
    """Add the canary Ingress as Argo keeps it, with annotations changed; None: taken away."""
    (rollout,) = inventory.rollouts
    one = kept(rollout, inventory.ingresses[0], weight)
    keys = {f"{NGINX}/{key.replace('_', '-')}": value for key, value in changes.items()}
    notes = {k: v for k, v in {**one.annotations, **keys}.items() if v is not None}
    canary = one.model_copy(update={"annotations": notes})
    return Inventory(rollouts=(rollout,), ingresses=(*inventory.ingresses, canary))


def test_the_article_before_a_release():
    """The canary Ingress is not there yet: what Argo will make is told."""
    seed = load("nginx/seed.yaml")
    assert ways(seed) == [
        "tomozo.tokyo/ [X-Canary: always] tomozo-canary 100 canary",
        "tomozo.tokyo/ [X-Canary: never] tomozo-stable 100",
        "tomozo.tokyo/ [] tomozo-canary 0 tomozo-stable 100",
    ]
    assert all(way.foreseen for way in read_ways(seed.rollouts[0], seed))


SEED = load("nginx/seed.yaml")


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        pytest.param(
            with_canary(SEED, 10),
            ["[X-Canary: always] tomozo-canary 100 canary", "[X-Canary: never] tomozo-stable 100",
             "[] tomozo-canary 10 tomozo-stable 90"],
            id="weight and header",
        ),
        pytest.param(
            with_canary(SEED, 100, canary_by_header=None),
            ["[] tomozo-canary 100 tomozo-stable 0 canary"],
            id="no header, everything",
        ),
        pytest.param(
            with_canary(SEED, 10, canary_by_header_value="1", canary_by_header_pattern="a|b"),
            ["[X-Canary: 1] tomozo-canary 100 canary", "[] tomozo-canary 10 tomozo-stable 90"],
            id="a value beats a pattern",
        ),
        pytest.param(
            with_canary(SEED, 0, canary_by_header_pattern="a|b"),
            ["[X-Canary: /a|b/] tomozo-canary 100 canary", "[] tomozo-canary 0 tomozo-stable 100"],
            id="a pattern",
        ),
        pytest.param(
            with_canary(SEED, 50, canary=None), ["[] tomozo-stable 100"], id="no canary at all"
        ),
    ],
)  # fmt: skip
def test_what_nginx_asks_and_in_which_order(inventory, expected):
    assert ways(inventory) == [f"tomozo.tokyo/ {line}" for line in expected]
    assert not any(way.foreseen for way in read_ways(inventory.rollouts[0], inventory))


def test_several_ingresses_with_weights_out_of_a_thousand():
    several = load("nginx/several.yaml")
    (rollout,) = several.rollouts
    canaries = [kept(rollout, one, 5) for one in several.ingresses]
    assert [one.name for one in canaries] == ["web-web-canary", "web-admin-canary"]
    both = Inventory(rollouts=(rollout,), ingresses=(*several.ingresses, *canaries))
    assert ways(both) == [
        f"{host}/ {line}"
        for host in ("web.test", "admin.web.test")
        for line in (
            "[X-Canary: true] web-canary 100 canary",
            "[cookie beta=always] web-canary 100 canary",
            "[cookie beta=never] web-stable 100",
            "[] web-canary 0.5 web-stable 99.5",
        )
    ]


def test_paths_of_others_have_no_canary():
    near = load("WIRE-02/near-nginx.yaml")
    (rollout,) = near.rollouts
    (other,) = [way for way in read_ways(rollout, near) if way.host == "other.test"]
    assert (other.shares, other.foreseen) == ((("other", Fraction(1)),), False)


def test_a_canary_ingress_with_another_path_leaves_the_path_alone():
    moved = with_canary(SEED, 50)
    *others, canary = moved.ingresses
    rules = [{**canary.rules[0], "host": "other.tokyo"}]
    wrong = canary.model_copy(update={"rules": tuple(rules)})
    assert ways(Inventory(rollouts=moved.rollouts, ingresses=(*others, wrong))) == [
        "tomozo.tokyo/ [] tomozo-stable 100"
    ]


FILES = sorted(MANIFESTS.glob("*/*nginx*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_is_wired_so_that_it_cannot_work_is_found(file):
    """And a near miss is not."""
    report = inspect(load(f"{file.parent.name}/{file.name}"))
    found = [one for one in report.findings if one.id == file.parent.name]
    assert bool(found) == file.stem.startswith("shown"), report.findings
    assert all(one.message and one.evidence and one.fix for one in found)
    assert file.parent.name not in {gap.id for gap in report.unchecked}


def test_what_is_not_at_hand_is_not_passed_over():
    (rollout,) = load("WIRE-08/shown-nginx-weight.yaml").rollouts
    report = inspect(Inventory(rollouts=(rollout,)))
    gaps = {(gap.id, gap.kind, gap.name) for gap in report.unchecked}
    assert gaps >= {
        ("ING-01", "Ingress", "web"),
        ("WIRE-02", "Ingress", "web"),
        ("WIRE-08", "Ingress", "web"),
        ("WIRE-05", "Service", "web-canary"),
        ("WIRE-05", "Service", "web-stable"),
    }
    stable = load("WIRE-08/shown-nginx-gone.yaml").ingresses
    report = inspect(Inventory(rollouts=(rollout,), ingresses=stable))
    name = canary_ingress(rollout, "web")
    assert ("WIRE-08", name) in {(gap.id, gap.name) for gap in report.unchecked}


@pytest.mark.parametrize("what", ["weight", "header", "no-canary", "gone"])
def test_the_live_look_and_the_inspection_tell_one_finding(what):
    """What is muted or told by one of them is known to the other."""
    inventory = load(f"WIRE-08/shown-nginx-{what}.yaml")
    (rollout,) = inventory.rollouts
    look = Look(rollout=rollout, traffic=read_traffic(rollout, inventory.ingresses, (), ()))
    now, grace = datetime(2026, 11, 24, 3, tzinfo=UTC), timedelta(0)
    with_pods = replace(look, traffic=replace(look.traffic, stable=Pods(desired=4, available=4)))
    (live,) = find_drift(with_pods, inventory.ingresses, now=now, grace=grace).findings
    (found,) = [one for one in inspect(inventory).findings if one.id == "WIRE-08"]
    assert (live.key, live.severity) == (found.key, found.severity)
