"""One kind of finding, as people look it up."""

from dataclasses import dataclass

from bot.balancing.finding import Finding, Severity


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
        self,
        kind: str,
        namespace: str,
        name: str,
        *,
        message: str,
        evidence: str,
        rollout: str = "",
        patch: str = "",
        place: str = "",
        origin: str = "",
    ) -> Finding:
        """
        Find it at an object.

        Args:
            kind, namespace, name: of the object.
            message: what is wrong there, one sentence.
            evidence: what was read: the annotation's key and value, the rule.
            rollout, patch, place, origin: see `Finding`.

        """
        return Finding(
            id=self.id,
            severity=self.severity,
            namespace=namespace,
            rollout=rollout,
            kind=kind,
            name=name,
            message=message,
            evidence=evidence,
            fix=self.fix,
            patch=patch,
            place=place,
            origin=origin,
            heals=False,
        )
