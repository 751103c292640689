"""Findings, mutes and balancers full of foreign text."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.balancing.annotations import Condition, FixedResponse, Forward, Redirect, TargetGroup
from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import Failure, Group
from bot.balancing.listeners import Listener
from bot.balancing.model import ListenerModel, Model
from bot.balancing.optimiser import Omitted
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule as BalancerRule
from bot.balancing.served import Balancer, Floor, Role, Row
from bot.messages.findings import Shown
from bot.release.mute import Mute
from tests.builders import NOON, a_rollout
from tests.messages.hostile import LONG, WEIGHT, hands
from tests.messages.reading_aloud import SEAL


def findings():
    return st.builds(
        Finding,
        severity=st.sampled_from(Severity),
        heals=st.sampled_from([True, False, None]),
        since=st.sampled_from([None, NOON]),
        **dict.fromkeys(("id", "namespace", "rollout", "kind", "name", "message"), LONG),
        **dict.fromkeys(("evidence", "writer", "fix", "patch", "place"), LONG),
    )


def mutes():
    """By whomever, for whatever reason."""
    return st.builds(
        Mute,
        key=LONG,
        severity=LONG,
        by=hands(),
        reason=LONG,
        at=st.just(NOON),
        until=st.sampled_from([NOON + timedelta(hours=8), NOON + timedelta(days=7), NOON]),
    )


def shown():
    """A finding with the button that it has."""
    press = SEAL.button("mute", a_rollout().sighting(), about="0123456789abcdef")
    return st.builds(
        Shown,
        finding=findings(),
        mute=st.one_of(st.none(), mutes()),
        press=st.sampled_from(["", press]),
    )


def unchecked():
    return st.builds(
        Unchecked, **dict.fromkeys(("id", "kind", "namespace", "name", "reason"), LONG)
    )


def conditions():
    values = LONG.map(lambda value: (value,) * 5)
    pairs = LONG.map(lambda value: ((value, value), (None, value)))
    fields_ = st.sampled_from(["http-header", "query-string", "source-ip"])
    return st.builds(
        Condition, field=fields_, header=LONG, values=values, regexes=values, pairs=pairs
    )


def balancer_actions():
    groups = st.lists(st.builds(TargetGroup, service=LONG, weight=WEIGHT), max_size=7)
    return st.one_of(
        st.none(),
        st.builds(Forward, targets=groups.map(tuple)),
        st.builds(Redirect, status=LONG, host=LONG, path=LONG, port=LONG, protocol=LONG),
        st.builds(FixedResponse, status=LONG),
    )


@st.composite
def balancers(draw):
    """One rule, or three hundred, on up to nine listeners."""
    said = draw(LONG)
    failure = Failure(id=said, ingress=said, where=said, reason=said)
    rule = BalancerRule(
        entry=0,
        ingress=said,
        service=said,
        port=said,
        hosts=Patterns(globs=(said,) * draw(st.integers(0, 2))),
        paths=Patterns(globs=(said,), regexes=(said,)),
        tests=tuple(draw(st.lists(conditions(), max_size=6))),
        action=draw(balancer_actions()),
        failures=draw(st.sampled_from([(), (failure,)])),
    )
    roles = draw(st.lists(st.sampled_from(Role), min_size=1, max_size=4))
    rows = tuple(
        Row(
            priority=number + 1,
            rule=rule,
            role=roles[number % len(roles)],
            covered_by=draw(st.sampled_from([None, 1])),
            partly_by=(1, 2, 3, 4, 5, 6),
        )
        for number in range(draw(st.sampled_from([1, 14, 300])))
    )
    listener = ListenerModel(
        listener=Listener(port=80, protocol="HTTP"),
        default=draw(balancer_actions()) or FixedResponse(status="404"),
        omitted=(Omitted(rule=rule),) * draw(st.integers(0, 2)),
        redirects=draw(st.booleans()),
    )
    group = Group(name=said, is_explicit=draw(st.booleans()), members=())
    model = Model(group=group, failures=(failure,) * draw(st.sampled_from([0, 1, 9])))
    floors = (Floor(listener=listener, rows=rows),) * draw(st.sampled_from([1, 9]))
    return Balancer(model=model, floors=floors)
