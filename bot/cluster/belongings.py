"""Which Ingresses and Services a rollout names. Their names are all that ties them to it."""

from bot.balancing.argo import canary_ingress, nginx_ingresses
from bot.release.rollout import Rollout


def ingress_names(rollout: Rollout) -> tuple[str, ...]:
    """Name its Ingresses: those it names itself, then those that Argo makes for NGINX."""
    canary = (canary_ingress(rollout, name) for name in nginx_ingresses(rollout))
    return tuple(dict.fromkeys((*rollout.ingresses, *canary)))


def service_names(rollout: Rollout) -> tuple[str, ...]:
    """Name its Services: stable, canary, ping, pong, and the root that an ALB rule leads to."""
    names = [rollout.stable_service, rollout.canary_service]
    names += [rollout.ping_pong.ping, rollout.ping_pong.pong] if rollout.ping_pong else []
    names += [rollout.alb.root_service] if rollout.alb else []
    return tuple(dict.fromkeys(filter(None, names)))
