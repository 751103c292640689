"""A finding counts once it was seen for long enough, and concerns whom it can harm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.balancing.concerned import Concerned
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import find_groups
from bot.balancing.inventory import Inventory
from bot.balancing.patience import ripen
from tests.balancing.situations import PREFIX, ROOT, WRITTEN, a_path, a_rollout, an_ingress
from tests.builders import NOON

GRACE = timedelta(seconds=30)
FINDING = Finding(
    id="ORD-02",
    severity=Severity.HIGH,
    namespace="shop",
    rollout="app",
    kind="Ingress",
    name="app",
    message="Partly covered.",
    evidence="rule 1",
)
CRITICAL = replace(FINDING, id="ORD-01", severity=Severity.CRITICAL)


def looks(*seen, grace=GRACE):
    """Look every 20 s at what is seen then; which ids count each time."""
    sights, told = {}, []
    for number, findings in enumerate(seen):
        now = NOON + number * timedelta(seconds=20)
        ripe = ripen(findings, sights, now=now, grace=grace)
        sights = ripe.sights
        told.append([finding.id for finding in ripe.findings])
    return told


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param([[FINDING]] * 3, [[], [], ["ORD-02"]], id="for-the-grace-time"),
        pytest.param([[CRITICAL]] * 2, [[], ["ORD-01"]], id="the-gravest-seen-twice"),
        pytest.param([[FINDING], [], [FINDING], [FINDING]], [[]] * 4, id="gone-in-between"),
        pytest.param(
            [[FINDING], [replace(FINDING, evidence="rule 2")], [FINDING]],
            [[], [], []],
            id="changes-all-the-time",
        ),
        pytest.param(
            [*[[CRITICAL]] * 2, [replace(CRITICAL, evidence="rule 2")]],
            [[], ["ORD-01"], ["ORD-01"]],
            id="what-counts-goes-on-counting",
        ),
    ],
)
def test_how_long_a_finding_must_be_seen(seen, told):
    assert looks(*seen) == told


def test_without_grace_everything_counts_at_first_sight():
    assert looks([FINDING], grace=timedelta(0)) == [["ORD-02"]]


def test_since_when_it_is_there_is_told():
    first = ripen([CRITICAL], {}, now=NOON, grace=GRACE)
    then = ripen([CRITICAL], first.sights, now=NOON + GRACE, grace=GRACE)

    assert then.findings[0].since == NOON


def grouped(name, group="web", **metadata):
    """An Ingress of a group."""
    ingress = an_ingress({ROOT: WRITTEN, f"{PREFIX}/group.name": group}, a_path("stable"))
    return ingress.model_copy(update={"name": name, **metadata})


@pytest.fixture
def concerned():
    """shop/app stands on Ingress app of the group `web`; so does Ingress other."""
    ingresses = (grouped("app"), grouped("other"), grouped("alone", group="elsewhere"))
    rollout = a_rollout()
    inventory = Inventory(rollouts=(rollout,), ingresses=ingresses)
    concerned = Concerned([rollout])
    for group in find_groups(inventory):
        concerned.take(group)
    return concerned


@pytest.mark.parametrize(
    ("place", "whom"),
    [
        pytest.param(("Ingress", "shop", "app"), ["app"], id="its-own-ingress"),
        pytest.param(("Ingress", "shop", "other"), ["app"], id="of-the-same-group"),
        pytest.param(("Ingress", "shop", "alone"), [], id="of-another-group"),
        pytest.param(("Ingress", "shop", "missing"), [], id="not-there"),
        pytest.param(("Service", "shop", "canary"), ["app"], id="its-service"),
        pytest.param(("Service", "shop", "cart"), [], id="anothers-service"),
        pytest.param(("Service", "pay", "canary"), [], id="of-another-namespace"),
        pytest.param(("Rollout", "shop", "app"), ["app"], id="itself"),
        pytest.param(("Ingress", "shop", "alone", "app"), ["app"], id="named-by-the-finding"),
        pytest.param(("IngressGroup", "", "web"), ["app"], id="the-group-itself"),
    ],
)
def test_whom_it_concerns(concerned, place, whom):
    assert [rollout.name for rollout in concerned.of(*place)] == whom


def test_an_ingress_that_does_not_exist_concerns_who_names_it():
    concerned = Concerned([a_rollout()])

    assert [rollout.name for rollout in concerned.of("Ingress", "shop", "app")] == ["app"]
