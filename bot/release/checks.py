"""What must hold before anything is planned; each check refuses with its reason."""

from bot.release.errors import NotNow, plain
from bot.release.rollout import Rollout, State
from bot.release.traffic import Look


def ensure_steerable(rollout: Rollout) -> None:
    """Refuse what is shown only."""
    if rollout.state is State.UNSUPPORTED:
        raise NotNow(f"{rollout.key} is a blueGreen rollout: I show those, I do not steer them.")
    if rollout.deleted_at is not None:
        raise NotNow(f"{rollout.key} is being deleted.")


def ensure_in_flight(rollout: Rollout, *, unless_aborted: bool = True) -> None:
    """Refuse unless a revision is on its way that may still be steered."""
    ensure_steerable(rollout)
    if not rollout.is_releasing:
        raise NotNow(f"Nothing is on its way in {rollout.key}: the stable version has all traffic.")
    if unless_aborted and rollout.aborted:
        raise NotNow(f"{rollout.key} is aborted. `retry` starts the release again at step 1.")
    if unless_aborted and rollout.promoting_fully:
        raise NotNow(f"{rollout.key} is being promoted fully already.")


def ensure_seen(rollout: Rollout) -> None:
    """Refuse while the controller has not looked at the newest spec."""
    if rollout.message.startswith("InvalidSpec"):
        raise NotNow(f"The controller refuses the spec of {rollout.key}: {plain(rollout.message)}")
    if not rollout.is_observed:
        raise NotNow(
            f"The controller has not looked at the newest spec of {rollout.key} yet. "
            "Try again in a few seconds."
        )


def ensure_not_shadowed(look: Look) -> None:
    """Refuse where the route is there already: written again, it would stand where it stands."""
    for route in look.traffic.routes:
        if route.shadowed_by:
            raise NotNow(
                f"The header route {plain(route.name)} is there, but {plain(route.shadowed_by)} "
                "takes its requests first: mend the Ingress. "
                f"`rules {look.rollout.key}` shows the order."
            )
