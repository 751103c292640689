"""Which rollout somebody means: `ns/name`, a unique name, or one of several."""

from collections.abc import Sequence
from difflib import get_close_matches

from bot.flows.asking import Request
from bot.flows.ports import Cluster
from bot.release.errors import NotFound, Refusal, Unclear
from bot.release.rollout import Rollout, Sighting


def find(cluster: Cluster, target: str) -> Sequence[Rollout]:
    """
    Find the rollouts that a person may mean; one when it is clear.

    Raises:
        Unclear: no name was given.
        NotFound: nothing is called so; with suggestions.

    """
    if not target:
        raise Unclear("Which rollout? Add its name, or `namespace/name`.")
    known = cluster.known()
    namespace, _, name = target.rpartition("/")
    found = [r for r in known if r.name == name and namespace in {"", r.namespace}]
    if found:
        return sorted(found, key=lambda rollout: rollout.key)
    raise NotFound(_suggest(target, known))


def named(cluster: Cluster, target: str) -> Rollout | None:
    """Find the rollout that a command names, where it is clear."""
    try:
        found = find(cluster, target)
    except Refusal:
        return None
    return found[0] if len(found) == 1 else None


def meant(request: Request, known: Rollout | None) -> Sighting | None:
    """
    Tell what the request is about.

    A command to promote is about what was known when it came in: of several that come at once, the
    later ones must not end the next pause, however long they waited for their turn.
    """
    if request.seen is None and known and request.verb == "promote":
        return request.known or known.sighting()
    return request.seen


def where(request: Request, known: Rollout | None) -> tuple[str, str]:
    """Tell the namespace and the name of the rollout."""
    if request.seen:
        return request.seen.namespace, request.seen.name
    assert known is not None  # noqa: S101 - a command without a rollout was refused before
    return known.namespace, known.name


def _suggest(target: str, known: Sequence[Rollout]) -> str:
    if not known:
        return f"I know no rollout `{target}`: I see none at all here."
    keys = [rollout.key for rollout in known]
    by_name = {rollout.name: rollout.key for rollout in known}
    close = get_close_matches(target, keys, n=3, cutoff=0.6)
    named = [by_name[n] for n in get_close_matches(target.rpartition("/")[2], by_name, n=3)]
    likely = list(dict.fromkeys([*close, *named]))[:3]
    if not likely:
        return f"I know no rollout `{target}`. `list` shows all {len(known)}."
    return f"I know no rollout `{target}`. Do you mean {' or '.join(f'`{k}`' for k in likely)}?"
