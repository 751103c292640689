"""How releases ended, kept in the ledger so that digests and histories can tell of it."""

from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from bot.release.digest import Ended
from bot.release.ledger import DONE, By, Entry
from bot.release.story import Ending
from bot.release.traffic import Look

CONTROLLER = By(kind="cluster", id="rollouts-controller", name="rollouts-controller")
VERB = "ended"  #: the word in the ledger
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
