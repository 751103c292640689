"""What the tables of rules cannot show: an Ingress that is not at hand, and NGINX."""

from collections.abc import Iterator

from bot.balancing.argo import alb_ingresses, nginx_ingresses
from bot.balancing.nginx_ways import Way, read_ways
from bot.inspecting.looking import Sight
from bot.inspecting.words import ANY, percent
from bot.paper import Paper
from bot.release.rollout import Rollout


def beside(sight: Sight, paper: Paper) -> Iterator[str]:
    """Write it, one rollout after the other."""
    for rollout in sight.inventory.rollouts:
        for name in (*alb_ingresses(rollout), *nginx_ingresses(rollout)):
            if sight.inventory.ingress(rollout.namespace, name) is None:
                yield from paper.wrap(_absent(sight, rollout, name))
        if nginx_ingresses(rollout):
            yield from _nginx(sight, rollout, paper)


def _absent(sight: Sight, rollout: Rollout, name: str) -> str:
    where = "was not read" if sight.missing else f"is not in {sight.whence}"
    return (
        f"Rollout {rollout.key} names Ingress {rollout.namespace}/{name}, which {where}: "
        "its rules are not shown."
    )


def _nginx(sight: Sight, rollout: Rollout, paper: Paper) -> Iterator[str]:
    yield from paper.wrap(
        f"Rollout {rollout.key}: NGINX serves it, which has no ordered rules: "
        "the header goes before the weight."
    )
    for way in read_ways(rollout, sight.inventory):
        yield from paper.wrap(_way(way), "  - ")


def _way(way: Way) -> str:
    goes = ", ".join(f"{percent(share)} {service}" for service, share in way.shares)
    later = " (Argo will make the canary Ingress)" if way.foreseen else ""
    place = f"{way.host or ANY} {way.path} {way.kind}".rstrip()
    return f"{place}, {way.asks or 'otherwise'} → {goes}{later}"
