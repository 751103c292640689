"""
What becomes of a rule when its Services are looked up.

A single Service that does not exist is answered 503; of several one that does not
exist, or a port that none has, stops the whole group. What is asked of the client
before may stand on the Service as well. Source: `pkg/ingress/enhanced_backend_builder.go`,
`model_build_actions.go` of v3.5.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.balancing.annotations import Action, FixedResponse, Forward, Undecodable
from bot.balancing.authentication import (
    Authenticate,
    Guard,
    ValidateToken,
    decode_authentication,
    decode_token_validation,
)
from bot.balancing.groups import Failure, Step
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, Ingress, Service
from bot.balancing.rules import Rule, read_annotation, undecodable
from bot.balancing.targets import target_faults

NO_ACTION = "Backend action does not exist"
NO_SERVICE = "Backend service does not exist"


def unavailable(body: str) -> FixedResponse:
    """Make the answer that the controller gives for what does not exist."""
    return FixedResponse(status="503", content_type="text/plain", body=body)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Whether a rule stands on an HTTPS listener, and on a balancer that takes IPv6 as well."""

    https: bool = True
    dual_stack: bool = False


def looked_up(inventory: Inventory, ingress: Ingress, rule: Rule, around: Surroundings) -> Rule:
    """
    Complete a rule with what Services say, and with all that the controller refuses.

    Args:
        inventory: where they are; in files what is not here counts as there.
        ingress: the rule's.
        rule: as its path and annotations have it.
        around: where it stands.

    """
    action, faults = _action(inventory, ingress, rule)
    guards, refused = _guards(inventory, ingress, action, https=around.https)
    if isinstance(action, Forward) and action is rule.action:
        where, dual_stack = f"path {rule}", around.dual_stack
        for target in action.targets:
            faults += target_faults(inventory, ingress, target, where, dual_stack=dual_stack)
    if action is rule.action and not guards and not faults and not refused:
        return rule
    return replace(rule, action=action, guards=guards).failing(*faults, *refused)


def _action(
    inventory: Inventory, ingress: Ingress, rule: Rule
) -> tuple[Action | None, list[Failure]]:
    """Tell what is done where the action or its only Service is missing."""
    controller = inventory.controller
    if rule.action is None:
        if rule.failures:
            return None, []
        if controller.tolerates_missing_action:
            return unavailable(NO_ACTION), []
        where, reason = f"{PREFIX}/actions.{rule.service}", "the annotation is missing"
        return None, [Failure(id="WIRE-03", ingress=ingress.key, where=where, reason=reason)]
    if not isinstance(rule.action, Forward):
        return rule.action, []
    missing = list(missing_services(inventory, ingress, rule.action))
    if missing and len(rule.action.targets) == 1 and controller.tolerates_missing_service:
        return unavailable(NO_SERVICE), []
    return rule.action, [
        Failure(
            id="WIRE-05",
            ingress=ingress.key,
            where=f"path {rule}",
            reason=f"Service {name} does not exist",
            step=Step.SERVICES,
        )
        for name in missing
    ]


def missing_services(inventory: Inventory, ingress: Ingress, action: Forward) -> Iterator[str]:
    """Name the Services of an action that do not exist."""
    space = ingress.namespace
    for name in dict.fromkeys(target.service for target in action.targets):
        is_known = name is not None and inventory.knows_services(space)
        if name is not None and is_known and inventory.service(space, name) is None:
            yield name


def _guards(
    inventory: Inventory, ingress: Ingress, action: Action | None, *, https: bool
) -> tuple[tuple[Guard, ...], list[Failure]]:
    """Tell what is asked of the client; on HTTP it must be readable, and is not asked."""
    faults: list[Failure] = []
    login: Authenticate | None = None
    service = _only_service(inventory, ingress, action)
    annotations = ingress.annotations | (service.annotations if service else {})
    try:
        login = decode_authentication(annotations, PREFIX)
    except Undecodable as fault:
        found = undecodable(ingress, fault, Step.GUARDS)
        on_service = service is not None and fault.annotation in service.annotations
        where = f"{found.where} of Service {service.name}" if service and on_service else ""
        faults.append(replace(found, where=where or found.where))
    key = f"{PREFIX}/jwt-validation"
    token = read_annotation(ingress, key, decode_token_validation)
    if isinstance(token, Failure):
        faults.append(replace(token, step=Step.GUARDS))
    faults += _clashes(ingress, login, token) if https else ()
    guards = (login, token if isinstance(token, ValidateToken) else None)
    return tuple(guard for guard in guards if guard is not None), faults


def _only_service(inventory: Inventory, ingress: Ingress, action: Action | None) -> Service | None:
    """Give the Service to which all requests go, if there is one."""
    if not isinstance(action, Forward) or len(action.targets) != 1:
        return None
    name = action.targets[0].service
    return None if name is None else inventory.service(ingress.namespace, name)


def _clashes(
    ingress: Ingress, login: Authenticate | None, token: ValidateToken | Failure | None
) -> Iterator[Failure]:
    """Tell what the controller refuses on HTTPS listeners."""

    def fault(where: str, reason: str) -> Failure:
        return Failure(
            id="ANN-01",
            ingress=ingress.key,
            where=f"{PREFIX}/{where}",
            reason=reason,
            step=Step.ACTIONS,
            on_https=True,
        )

    if login is not None and login.provider is None:
        yield fault("auth-type", f"{login.kind} needs {PREFIX}/auth-idp-{login.kind}")
    if login is not None and token is not None:
        yield fault("jwt-validation", f"a login ({PREFIX}/auth-type) is asked for as well")
