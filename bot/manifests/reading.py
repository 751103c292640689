"""Documents -> an Inventory, or everything that cannot be read, at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.balancing.inventory import Controller, Inventory
from bot.balancing.shapes import Loc, Manifest, Misshapen, Shaped, gather, is_wanted, members, shape
from bot.config.faults import Fault, field_name
from bot.manifests.documents import Document, documents
from bot.manifests.files import Text, collect

_RENDER = "is a Helm template that was not rendered ({{ … }}); render it first: helm template CHART"
_MOST_NOTES = 5
#: kind, namespace, name
Key = tuple[str, str, str]


class Unreadable(Exception):  # noqa: N818 - what the input is
    """The input cannot be used; all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__(*self.faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    What was read.

    Attributes:
        places: `file:line` of each object.
        files: how many.
        left_out: how many objects of other kinds, by kind.
        notes: what people should know about it, one sentence each.

    """

    inventory: Inventory
    places: Mapping[Key, str] = field(default_factory=dict)
    files: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(
    paths: Sequence[str],
    stdin: BinaryIO,
    *,
    namespace: str = "default",
    controller: Controller | None = None,
    command: str = "lint",
) -> Reading:
    """
    Read files.

    Args:
        paths: files, folders, or `-` for standard input.
        stdin: see paths.
        namespace: of objects that name none.
        controller: how the ALB controller is started.
        command: the one that runs, to be named in advice.

    Raises:
        Unreadable: with everything that is wrong.

    """
    reader = _Reader(namespace, command)
    for text in collect(paths, stdin):
        reader.add(text)
    return reader.done(paths, controller)


class _Reader:
    def __init__(self, namespace: str, command: str) -> None:
        self._namespace, self._command = namespace, command
        self._objects: dict[Key, Shaped] = {}
        self._places: dict[Key, str] = {}
        self._left_out: Counter[str] = Counter()
        self._faults: list[Fault] = []
        self._notes: list[str] = []
        self._files = 0
        self._twice = 0

    def add(self, text: Text | Fault) -> None:
        """Take what is in one file."""
        if isinstance(text, Fault):
            self._faults.append(text)
            return
        self._files += 1
        is_empty = True
        for document in documents(text):  # one at a time: their trees are large
            self._add(text, document)
            is_empty = False
        if is_empty and not text.listed:
            self._faults.append(Fault(text.name, 0, "", "is empty: there is nothing to look at"))

    def done(self, paths: Sequence[str], controller: Controller | None) -> Reading:
        """Give what was read. Raises Unreadable."""
        if not self._faults and not self._objects and not self._left_out:
            is_one = self._files == 1
            files, them = ("1 file", "it") if is_one else (f"{self._files} files", "them")
            told = f"{files}, but no Kubernetes object in {them}"
            self._faults.append(Fault(", ".join(paths), 0, "", told))
        if self._faults:
            raise Unreadable(self._faults)
        return Reading(
            inventory=gather(self._objects.values(), controller=controller),
            places=self._places,
            files=self._files,
            left_out=self._left_out,
            notes=tuple(self._told()),
        )

    def _told(self) -> Iterator[str]:
        yield from self._notes
        if self._twice > _MOST_NOTES:
            yield (
                f"{self._twice - _MOST_NOTES} more objects are written twice. Look at one "
                "environment at a time: objects of several would be taken for one."
            )

    def _add(self, text: Text, document: Document) -> None:
        where = f"document {document.number}"
        faults: list[Fault] = []
        if document.data is not None:
            faults += self._take(text.name, document, document.data)
        elif document.source.faults:
            faults += (Fault(f.file, f.line, where, f.message) for f in document.source.faults)
        elif not document.kind and not document.version:
            if not text.listed:
                told = "is no Kubernetes object: it has neither apiVersion nor kind"
                faults.append(Fault(text.name, document.line, where, told))
        elif not document.kind:
            faults.append(Fault(text.name, document.line, f"{where}: kind", "is missing"))
        else:
            self._left_out[document.kind] += 1
        if faults and document.template:
            advice = f"{_RENDER} | rollout-bot {self._command} -"
            faults = [Fault(text.name, document.template, where, advice)]
        self._faults += faults

    def _take(self, file: str, document: Document, data: Manifest) -> Iterator[Fault]:
        yield from _at(file, document, data, _outside(document))
        for loc, member in members(data):
            kind = str(member.get("kind", ""))
            if not is_wanted(str(member.get("apiVersion", "")), kind):
                self._left_out[kind or "(no kind)"] += 1
                continue
            own = [one for one in document.source.faults if _is_within(one.field, loc)]
            yield from _at(file, document, member, [*own, *self._keep(file, document, loc, member)])

    def _keep(self, file: str, document: Document, loc: Loc, member: Manifest) -> Iterator[Fault]:
        place = f"{file}:{document.line_of(loc)}"
        try:
            found = shape(member, namespace=self._namespace, origin=place)
        except Misshapen as misshapen:
            for flaw in misshapen.flaws:
                yield document.source.fault((*loc, *flaw.loc), flaw.message)
            return
        if found is None:
            return
        key = (str(member["kind"]), found.namespace, found.name)
        if key in self._objects:
            self._twice += 1
            if self._twice <= _MOST_NOTES:
                self._notes.append(
                    f"{key[0]} {_name(found)} is written twice: {self._places[key]} and {place}; "
                    "the later counts."
                )
        self._objects[key], self._places[key] = found, place


def _name(found: Shaped) -> str:
    return "/".join(filter(None, (found.namespace, found.name)))


def _outside(document: Document) -> Iterator[Fault]:
    """Give the faults of a list that are not in one of its objects."""
    if isinstance((document.data or {}).get("items"), list) and document.kind.endswith("List"):
        yield from (one for one in document.source.faults if not one.field.startswith("items["))


def _is_within(name: str, loc: Loc) -> bool:
    prefix = field_name(loc)
    rest = name.removeprefix(prefix)
    return name.startswith(prefix) and (not prefix or rest[:1] in {"", ".", "["})


def _at(
    file: str, document: Document, member: Manifest, faults: Iterable[Fault]
) -> Iterator[Fault]:
    """Say of which document and object faults are."""
    metadata = member.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    called = " ".join(str(part) for part in (member.get("kind"), name) if part)
    for one in faults:
        where = ": ".join(filter(None, (f"document {document.number}, {called}", one.field)))
        yield Fault(file, one.line, where, one.message)
