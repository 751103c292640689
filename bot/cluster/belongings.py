"""Which Ingresses and Services a rollout names. Their names are all that ties them to it."""

from bot.release.rollout import Rollout

_CANARY = "-canary"
_LONGEST_NAME = 253


def ingress_names(rollout: Rollout) -> tuple[str, ...]:
    """
    Name its Ingresses: those it names itself, then the canary Ingresses that Argo makes for NGINX.

    Their names are cut as `GetCanaryIngressName` cuts them (argo-rollouts `utils/ingress`).
    """
    nginx = rollout.nginx
    stable = (nginx.stable_ingresses or (nginx.stable_ingress,)) if nginx else ()
    canary = (
        f"{rollout.name}-{name}"[: _LONGEST_NAME - len(_CANARY)] + _CANARY
        for name in stable
        if name
    )
    return tuple(dict.fromkeys((*rollout.ingresses, *canary)))


def service_names(rollout: Rollout) -> tuple[str, ...]:
    """Name its Services: stable, canary, ping, pong, and the root that an ALB rule leads to."""
    names = [rollout.stable_service, rollout.canary_service]
    names += [rollout.ping_pong.ping, rollout.ping_pong.pong] if rollout.ping_pong else []
    names += [rollout.alb.root_service] if rollout.alb else []
    return tuple(dict.fromkeys(filter(None, names)))
