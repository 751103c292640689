"""Files or a cluster -> what is looked at, and what is known of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from bot.balancing.finding import Finding
from bot.balancing.foresight import foresee
from bot.balancing.groups import Gathering, Outsider, find_groups
from bot.balancing.inspection import Report, inspect
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.model import Model, build
from bot.cluster.connect import Connection
from bot.cluster.inventory import read_inventory
from bot.manifests import read
from bot.release.errors import NotFound

#: kind, namespace, name
Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """
    What is looked at.

    Attributes:
        inventory: with what Argo will write, where nothing is written yet.
        before: as it was read.
        places: `file:line` of each object; empty: from a cluster.
        missing: what could not be read and why, one sentence each.
        notes: what people should know about the input, one sentence each.
        left_out: how many objects of other kinds, by kind.
        source: where it comes from, in words.

    """

    inventory: Inventory
    before: Inventory
    places: Mapping[Key, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    source: str = ""

    def inspect(self) -> Report:
        """Look for everything; each finding says where its object stands."""
        report = inspect(self.inventory)
        return replace(report, findings=tuple(self._placed(one) for one in report.findings))

    def _placed(self, finding: Finding) -> Finding:
        place = self.places.get((finding.kind, finding.namespace, finding.name), "")
        return finding if finding.origin or not place else replace(finding, origin=place)

    def models(self) -> tuple[Model, ...]:
        """Make the rules of every group, by name."""
        return tuple(build(self.inventory, group) for group in find_groups(self.inventory))

    def outsiders(self) -> tuple[Outsider, ...]:
        """Give the Ingresses whose group has an impossible name."""
        gathering = Gathering(self.inventory)
        for ingress in self.inventory.ingresses:
            gathering.add(ingress)
        return tuple(gathering.outsiders)

    @property
    def whence(self) -> str:
        """Tell where something was looked for: `the files`, `namespace shop`, `the cluster`."""
        return "the files" if self.from_files else self.source

    @property
    def from_files(self) -> bool:
        """Whether there may be more than what was read."""
        return bool(self.places)

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing that could be wrong; what may not be read could be."""
        return not (self.inventory.rollouts or self.inventory.ingresses or self.missing)

    def counted(self) -> str:
        """Tell what was looked at: `1 Ingress, 2 Services and 1 Rollout in 1 file`."""
        inventory = self.inventory
        numbers = (
            _number(len(inventory.rollouts), "Rollout", "Rollouts"),
            _number(len(inventory.ingresses), "Ingress", "Ingresses"),
            _number(len(inventory.services), "Service", "Services"),
        )
        *most, last = numbers
        return f"{', '.join(most)} and {last} in {self.source}"


def look_at_files(
    paths: Sequence[str],
    stdin: BinaryIO,
    *,
    namespace: str,
    controller: Controller,
    command: str = "lint",
) -> Sight:
    """Read files, and fill in what Argo will write. Raises Unreadable."""
    reading = read(paths, stdin, namespace=namespace, controller=controller, command=command)
    return Sight(
        inventory=foresee(reading.inventory),
        before=reading.inventory,
        places=reading.places,
        notes=reading.notes,
        left_out=reading.left_out,
        source=_number(reading.files, "file", "files"),
    )


async def look_at_cluster(namespaces: Sequence[str], controller: Controller) -> Sight:
    """
    Read the cluster that the environment names.

    Raises:
        NotFound: none of the namespaces has anything.
        Misconfigured, Denied, Unreachable: it does not answer.

    """
    async with Connection() as connection:
        stock = await read_inventory(connection, namespaces=namespaces, controller=controller)
    where = f"namespace {', '.join(namespaces)}" if namespaces else "the cluster"
    notes = [] if stock.missing else [*_empty(namespaces, stock.inventory)]
    if notes and len(notes) == len({*namespaces}):
        raise NotFound("\n".join(notes))
    return Sight(
        inventory=stock.inventory,
        before=stock.inventory,
        missing=stock.missing,
        notes=tuple(notes),
        source=where,
    )


def _empty(namespaces: Sequence[str], inventory: Inventory) -> Iterator[str]:
    """Tell the namespaces in which nothing was found: the server does not say which exist."""
    known = {one.namespace for one in inventory.rollouts}
    known |= {one.namespace for one in (*inventory.ingresses, *inventory.services)}
    for name in dict.fromkeys(namespaces):
        if name not in known:
            yield f"There is nothing in namespace {name}: does it exist?"


def severities(findings: Iterable[Finding]) -> Iterator[str]:
    """Count findings by severity, the gravest first: `1 critical`."""
    counted = Counter(str(finding.severity) for finding in findings)
    yield from (f"{number} {severity}" for severity, number in counted.items())


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
