"""What is wired wrong in a cluster, as tests say it: found by an inspector that is told."""

from dataclasses import replace

from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Inspector, Report
from bot.flows.kept import Place

SHADOWED = Finding(
    id="ORD-01",
    severity=Severity.CRITICAL,
    namespace="tomozo",
    rollout="tomozo",
    kind="Ingress",
    name="tomozo",
    message="The header route will be shadowed by Prefix / of tomozo/tomozo.",
    evidence="rule 1 takes all requests of rule 2",
    fix="Make the root path /* of the type ImplementationSpecific.",
    heals=False,
)


def finding(id_="ORD-01", **changes):
    """Something is wrong with tomozo/tomozo."""
    return replace(SHADOWED, id=id_, **changes)


def missing(id_="ORD-01", **changes):
    """Something cannot be looked for."""
    fields = {"kind": "Ingress", "namespace": "tomozo", "name": "tomozo", "reason": "no right"}
    return Unchecked(**{"id": id_, **fields, **changes})


class Told(Inspector):
    """Finds the groups of the real one, and besides what it is told to find."""

    def __init__(self, *results):
        super().__init__()
        self.results = list(results)

    def steps(self, inventory):
        yield from super().steps(inventory)
        self.report = Report(
            findings=tuple(r for r in self.results if isinstance(r, Finding)),
            unchecked=tuple(r for r in self.results if isinstance(r, Unchecked)),
            groups=self.report.groups,
        )


def wire(bot, *results):
    """Let the next sweeps find these."""
    if not isinstance(bot.patrol.survey.inspector, Told):
        bot.patrol.survey.inspector = Told()
    bot.patrol.survey.inspector.results = list(results)


async def patrol(room, bot, **span):
    """The clock strikes."""
    await bot.patrol.look_for_drift(room.clock.move(**span))
    await room.quiet()


async def found(room, bot, *results):
    """Look twice, with the grace time between."""
    wire(bot, *results)
    await patrol(room, bot, seconds=1)
    await patrol(room, bot, seconds=2)


def message_of(bot, which=SHADOWED):
    """The living message of a finding: its slot, and what it says now."""
    return next(
        (slot, message)
        for slot, message in bot.chat.cards.items()
        if slot.key.startswith(f"finding:{which.fingerprint}:")
    )


async def posted(bot, which=SHADOWED):
    """Slack has taken the message of a finding: it has a place, and a thread."""
    slot, message = message_of(bot, which)
    await bot.bulletin.put(slot, Place(ts="1795521600.000100"))
    return slot, message
