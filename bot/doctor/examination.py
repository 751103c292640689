"""All of it, in the order in which people mend things; each part has a limit of its own."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing

from bot.config import Config, Fault, Secrets
from bot.doctor import cluster, configuration, database, slack
from bot.doctor.verdict import Area, Line, missing, unchecked
from bot.store import Unusable, database_url, is_shared

#: Seconds for each part; with --messages Slack may ask to wait between its judgements.
PATIENCE, WITH_MESSAGES = 30.0, 180.0

#: Hears what is being looked at, until the context ends.
Tell = Callable[[str], AbstractContextManager[None]]


async def examine(
    environ: Mapping[str, str], given: str | None, *, with_messages: bool, tell: Tell
) -> list[Line]:
    """
    Look at everything.

    Args:
        environ: the environment.
        given: the configuration file of the command line, if any.
        with_messages: let Slack judge every kind of message.
        tell: hears what is being looked at.

    """
    config, lines = configuration.read(environ, given)
    with tell("Slack"):
        lines += await _slack(config, environ, with_messages=with_messages)
    with tell("the cluster"):
        visit = cluster.Visit(config, _holds_lease(environ))
        lines += await _within(PATIENCE, visit.examine(), Area.CLUSTER, "the cluster")
    with tell("the database"):
        lines += await _within(PATIENCE, database.look(environ), Area.DATABASE, "the database")
    return lines


async def _slack(
    config: Config | None, environ: Mapping[str, str], *, with_messages: bool
) -> list[Line]:
    if config is None:
        why = "the configuration cannot be read; it says which tokens and channels are needed"
        return [unchecked(Area.SLACK, "Slack", why)]
    secrets, found = Secrets.as_far_as_given(environ, config.slack.mode)
    faults = dict(map(_of_variable, found))
    visit = slack.Visit(config, secrets, faults, with_messages)
    patience = WITH_MESSAGES if with_messages else PATIENCE
    return await _within(patience, visit.examine(), Area.SLACK, "Slack, all of it")


def _of_variable(fault: Fault) -> tuple[str, str]:
    """Give the variable that is wrong, and why; a variable that names a file says so."""
    name = fault.field.removesuffix("_FILE")
    return name, fault.message if name == fault.field else f"{fault.field}: {fault.message}"


async def _within(
    seconds: float, part: AsyncGenerator[Line, None], area: Area, whom: str
) -> list[Line]:
    """Collect what a part says; what it has not said in time is one fault."""
    lines = []
    try:
        async with asyncio.timeout(seconds), aclosing(part) as said:
            async for line in said:
                lines.append(line)  # noqa: PERF401 - one by one: what was said in time stays
    except TimeoutError:
        detail = f"not all questions were answered within {seconds:.0f} s"
        lines.append(missing(area, whom, detail, "look at the network between here and there"))
    return lines


def _holds_lease(environ: Mapping[str, str]) -> bool:
    """Whether replicas share the database; what is wrong with it is told elsewhere."""
    try:
        return is_shared(database_url(environ))
    except Unusable:
        return False
