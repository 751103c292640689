"""How releases ended, kept in the ledger so that digests and histories can tell of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from bot.release.digest import Ended
from bot.release.ledger import DONE, By, Entry
from bot.release.story import Ending
from bot.release.traffic import Look

CONTROLLER = By(kind="cluster", id="rollouts-controller", name="rollouts-controller")
VERB = "ended"  #: the word in the ledger
_RECENT = timedelta(minutes=10)
_ENDING = TypeAdapter(Ending)


def record(look: Look, ending: Ending, *, cluster: str, now: datetime) -> Entry:
    """Make the entry of a release that ended."""
    rollout = look.rollout
    image = look.traffic.canary_image or look.traffic.stable_image
    return Entry(
        id=uuid4().hex,
        at=now,
        actor=CONTROLLER,
        verb=VERB,
        cluster=cluster,
        namespace=rollout.namespace,
        name=rollout.name,
        uid=rollout.uid,
        revision=rollout.revision,
        step=rollout.step,
        outcome=DONE,
        detail={"ending": _ENDING.dump_python(ending, mode="json"), "image": image},
    )


def is_recorded(entries: Iterable[Entry], revision: str) -> bool:
    """Whether it is on record how this revision ended."""
    return any(entry.verb == VERB and entry.revision == revision for entry in entries)


def recent(entries: Sequence[Entry], look: Look, now: datetime) -> Ending | None:
    """
    Tell how the revision that is stable now ended, if that was a moment ago.

    A bot that was killed then may have said so nowhere: the card is composed once more.
    """
    for entry in reversed(entries):
        if entry.verb == VERB:
            found = read(entry)
            is_it = entry.revision == look.rollout.revision and now - entry.at < _RECENT
            return found.ending if found and is_it and found.ending.how == "done" else None
    return None


def read(entry: Entry) -> Ended | None:
    """Read it back; None: the entry is about something else."""
    if entry.verb != VERB:
        return None
    try:
        ending = _ENDING.validate_python(entry.detail.get("ending"))
    except ValidationError:
        return None
    version = str(entry.detail.get("image", ""))
    return Ended(namespace=entry.namespace, name=entry.name, version=version, ending=ending)
