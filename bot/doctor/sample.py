"""
What specimens are about: one rollout at its pause, with everything that can be said of one.

The text of others (names in annotations, reasons, analysis messages) is always *said*, so that a
specimen can be as long as such text makes it.
"""

from datetime import UTC, datetime, timedelta

from bot.balancing.annotations import Forward, TargetGroup
from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.balancing.groups import Group
from bot.balancing.listeners import Listener
from bot.balancing.model import ListenerModel, Model
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule as BalancerRule
from bot.balancing.served import Balancer, Floor, Role, Row
from bot.messages.findings import Shown
from bot.messages.seal import Seal
from bot.release.access import Permission, Rule
from bot.release.actions import Offer, Plan, ReturnPoint
from bot.release.digest import Concern, Digest, Ended, Flight
from bot.release.ledger import DONE, By, Entry
from bot.release.mute import Mute
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import AlbRouting, Container, Destination, PauseCondition
from bot.release.rollout import Rollout
from bot.release.story import Ending, Pursuit, Stay, Story
from bot.release.traffic import HeaderRoute, Look, Pods, Selector, Traffic, Written

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
SEAL = Seal(b"opens nothing: specimens are never posted")
_AGO = NOW - timedelta(minutes=5)
_SPACE, _NAME, _STABLE, _CANARY = "shop", "checkout", "5d8bf6c94c", "7c9fd8b5d6"


def rollout(said: str) -> Rollout:
    """One that waits at 10 %."""
    return Rollout(
        namespace=_SPACE,
        name=_NAME,
        uid="6a0b7c1e-3f1d-4a57-9f3c-2f6f1c9f8a11",
        number="2",
        replicas=4,
        containers=(Container(name=_NAME, image=f"registry/{_NAME}:{said}"),),
        steps=({"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {"duration": "1h"}}),
        stable_service=f"{_NAME}-stable",
        canary_service=f"{_NAME}-canary",
        alb=AlbRouting(ingress=_NAME),
        revision=_CANARY,
        stable=_STABLE,
        step_hash="6f",
        step=1,
        pauses=(PauseCondition(reason="CanaryPauseStep", started=_AGO),),
        controller_pause=True,
        phase="Paused",
        message=said,
        canary_weight=Destination(weight=10, revision=_CANARY),
        started_at=_AGO,
    )


def look(said: str) -> Look:
    """The same with its traffic; the Ingress says something else than the step."""
    traffic = Traffic(
        asked=10,
        reported=10,
        written=(Written(ingress=_NAME, canary=50, stable=50, writer=said, written_at=_AGO),),
        routes=(route(said),),
        selectors=(selector(said),),
        canary=Pods(desired=1, available=1),
        stable=Pods(desired=4, available=3),
        stable_image=f"registry/{_NAME}:0.0.1",
        canary_image=f"registry/{_NAME}:{said}",
        blocked=said,
    )
    return Look(rollout=rollout(said), traffic=traffic)


def route(said: str) -> HeaderRoute:
    """A header that leads to the canary."""
    return HeaderRoute(ingress=_NAME, name="canary", header="X-Canary", value=said, managed=True)


def selector(said: str) -> Selector:
    """A Service that selects what it should not."""
    return Selector(service=f"{_NAME}-stable", role="stable", revision=_CANARY, writer=said)


def by(said: str) -> By:
    """A person."""
    return By(kind="slack", id="U0ANN", name=said)


def story(said: str) -> Story:
    """Header-only, and something is still missing."""
    back = ReturnPoint(step=2, weight=10)
    return Story(
        stay=Stay(by=by(said), since=_AGO, reason=said, way_back=back, missing=(said,)),
        pursuit=Pursuit(entry="1", verb="abort", by=by(said), since=_AGO, missing=(said,)),
        ownership=owner(said),
        started=_AGO,
    )


def over(said: str) -> Story:
    """It was called off."""
    ending = Ending(how="aborted", by=by(said), reason=said, at=NOW, from_weight=10, seconds=2)
    return Story(ending=ending, started=_AGO)


def owner(said: str) -> Ownership:
    """Argo CD."""
    return Ownership(policy=SyncPolicy.AUTOMATED, application=said)


def plan(said: str) -> Plan:
    """What header-only would do."""
    back = ReturnPoint(step=2, weight=10, inserted=({"pause": {}},))
    return Plan(patches=(), effect=said, hazards=(said,) * 3, way_back=back)


def offers(said: str) -> tuple[Offer, ...]:
    """What may be pressed: buttons, and the menu."""
    seen = rollout(said).sighting()
    return (
        Offer(verb="promote", label=f"Promote → {said}", effect=said, primary=True, seen=seen),
        Offer(verb="header-only", label="Header-only, 0 %", primary=True, seen=seen),
        Offer(verb="abort", label="Abort → 0 %", effect=said, danger=True, primary=True, seen=seen),
        Offer(verb="full", label=said, effect=said, seen=seen),
        Offer(verb="pause", label="Freeze", effect=said, seen=seen),
    )


def entry(said: str) -> Entry:
    """A line of the ledger."""
    return Entry(
        id="1",
        at=_AGO,
        actor=by(said),
        verb="promote",
        namespace=_SPACE,
        name=_NAME,
        reason=said,
        outcome=DONE,
    )


def finding(said: str) -> Finding:
    """Something that is wrong."""
    return Finding(
        id="DRIFT-01",
        severity=Severity.CRITICAL,
        namespace=_SPACE,
        rollout=_NAME,
        kind="Ingress",
        name=_NAME,
        message=said,
        evidence=said,
        writer=said,
        heals=False,
        fix=said,
        patch=said,
        since=_AGO,
    )


def mute(said: str) -> Mute:
    """Nobody wants to hear of it."""
    until = NOW + timedelta(hours=8)
    return Mute(key="1", severity="critical", by=by(said), reason=said, at=_AGO, until=until)


def shown(said: str) -> Shown:
    """A finding with its button."""
    found = finding(said)
    press = SEAL.button("mute", rollout(said).sighting(), about=found.fingerprint)
    return Shown(finding=found, press=press)


def unchecked(said: str) -> Unchecked:
    """Something that could not be looked at."""
    return Unchecked(id="WIRE-01", kind="Ingress", namespace=_SPACE, name=_NAME, reason=said)


def flights(said: str) -> tuple[Flight, ...]:
    """Releases on their way, more than a message has room for."""
    return (Flight(look=look(said), story=story(said)),) * 30


def concerns(said: str) -> tuple[Concern, ...]:
    """What is wrong, in short."""
    return (Concern(about=f"{_SPACE}/{_NAME}", message=said, since=_AGO),) * 30


def digest(said: str) -> Digest:
    """A day."""
    ending = Ending(how="aborted", by=by(said), reason=said, at=NOW, from_weight=10)
    ended = Ended(namespace=_SPACE, name=_NAME, version=said, ending=ending)
    waiting, wrong = flights(said), concerns(said)
    return Digest(
        since=_AGO, until=NOW, waiting=waiting, flying=waiting, ended=(ended,) * 9, concerns=wrong
    )


def rules(said: str) -> tuple[Rule, ...]:
    """Who may do what."""
    return (
        Rule(allow=frozenset(Permission), users=frozenset({"U0ANN"}), namespaces=(said,)),
        Rule(allow=frozenset({Permission.ABORT}), groups=frozenset({"S0ONCALL"})),
    )


def balancers(said: str) -> tuple[Balancer, ...]:
    """What the load balancer does, rule by rule."""
    groups = (TargetGroup(service=said, weight=10), TargetGroup(service=_NAME, weight=90))
    action = Forward(targets=groups)
    rule = BalancerRule(
        entry=0,
        ingress=f"{_SPACE}/{_NAME}",
        service=said,
        port="use-annotation",
        hosts=Patterns(globs=(said,)),
        paths=Patterns(globs=("/*",)),
        action=action,
    )
    rows = tuple(Row(priority=n, rule=rule, role=Role.WEIGHTED) for n in range(1, 20))
    listener = ListenerModel(listener=Listener(port=80, protocol="HTTP"), default=action)
    model = Model(group=Group(name=said, is_explicit=True, members=()))
    return (Balancer(model=model, floors=(Floor(listener=listener, rows=rows),)),)
