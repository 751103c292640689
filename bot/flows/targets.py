"""Which rollout somebody means: `ns/name`, a unique name, or one of several."""

from collections.abc import Sequence
from difflib import get_close_matches

from bot.flows.ports import Cluster
from bot.release.errors import NotFound, Unclear
from bot.release.rollout import Rollout


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
