"""One kind of finding, as people look it up."""

from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

from bot.balancing.finding import Finding, Severity
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout


class Said(TypedDict, total=False):
    """
    What is said of a finding at one place.

    Attributes:
        message: what is wrong there, one sentence.
        evidence: what was read: the annotation's key and value, the rule.
        rollout: which one it is about.
        patch: how to mend it as YAML of the object, where that can be written down.
        place: tells it apart from others of its kind at the same object.

    """

    message: Required[str]
    evidence: Required[str]
    rollout: str
    patch: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """
    One kind of finding.

    Attributes:
        id: as people look it up (`WIRE-01`).
        severity: how much it matters.
        title: what is wrong, a few words.
        why: why it matters, one sentence.
        fix: what to do, for people, one sentence or two.
        source: where it is known from: a file of a controller, a document of AWS, an issue.

    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    source: str = ""

    def at(
        self, kind: str, namespace: str, name: str, *, origin: str = "", **said: Unpack[Said]
    ) -> Finding:
        """
        Find it at an object.

        Args:
            kind, namespace, name: of the object.
            origin: where the object was read.
            said: what is said of it there.

        """
        return Finding(
            id=self.id,
            severity=self.severity,
            namespace=namespace,
            rollout=said.get("rollout", ""),
            kind=kind,
            name=name,
            message=said["message"],
            evidence=said["evidence"],
            fix=self.fix,
            patch=said.get("patch", ""),
            place=said.get("place", ""),
            origin=origin,
            heals=False,
        )

    def at_ingress(self, ingress: Ingress, /, **said: Unpack[Said]) -> Finding:
        """Find it at an Ingress that is at hand."""
        return self.at("Ingress", ingress.namespace, ingress.name, origin=ingress.origin, **said)

    def at_rollout(self, rollout: Rollout, /, **said: Unpack[Said]) -> Finding:
        """Find it at a Rollout, and so about it."""
        said["rollout"] = rollout.name
        return self.at("Rollout", rollout.namespace, rollout.name, **said)
