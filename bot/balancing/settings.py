"""
What all Ingresses of a group must agree on, because they share one balancer.

What the parameters of the class say beats the annotation. Source:
`pkg/ingress/model_build_load_balancer*.go`, `model_build_tags.go`, `model_build_ipam.go` of v3.5.0.
Settings of a network balancer in front (`frontend-nlb-*`) are not read, but for the switch.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.balancing.groups import Failure, Group, params_of
from bot.balancing.inventory import Inventory
from bot.balancing.objects import PREFIX, ClassParams, Ingress
from bot.balancing.scalars import parse_bool, parse_int, parse_list, parse_pairs

Refused = str  #: why a value cannot be used


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """
    One setting.

    Attributes:
        suffix: of the annotation.
        param: the field of the class parameters; empty: there is none.
        read: the value to be compared.
        refuse: why a value cannot be used; empty: it can.
        alone: whether a value that cannot be used is seen before members are compared.
        other: another suffix, where this one is not written.

    """

    suffix: str
    param: str = ""
    read: Callable[[str], Hashable] = str
    refuse: Callable[[str], Refused] = lambda _: ""
    alone: bool = False
    other: str = ""


def _one_of(*choices: str) -> Callable[[str], Refused]:
    def refuse(text: str) -> Refused:
        return "" if text in choices else f"must be {' or '.join(choices)}, not {text!r}"

    return refuse


def _flag(text: str) -> Refused:
    return "" if parse_bool(text) is not None else f"must be true or false, not {text!r}"


def _unordered(text: str) -> Hashable:
    return tuple(sorted(parse_list(text)))


_ADDRESSES = _Setting(
    suffix="ip-address-type",
    param="ipAddressType",
    refuse=_one_of("ipv4", "dualstack", "dualstack-without-public-ipv4"),
)
_SECURITY = _Setting(suffix="security-groups", read=parse_list)
_MANAGED = _Setting(
    suffix="manage-backend-security-group-rules", read=parse_bool, refuse=_flag, alone=True
)
_BEFORE = (
    _Setting(suffix="scheme", param="scheme", refuse=_one_of("internet-facing", "internal")),
    _ADDRESSES,
    _Setting(suffix="subnets", param="subnets", read=_unordered),
    _SECURITY,
    _Setting(
        suffix="customer-owned-ipv4-pool",
        refuse=lambda text: "" if text else "may not be empty",
        alone=True,
    ),
)
_NAME = _Setting(
    suffix="load-balancer-name",
    param="loadBalancerName",
    refuse=lambda text: "" if len(text.encode()) <= 32 else "may have at most 32 characters",
)
_WALL = _Setting(suffix="wafv2-acl-name", param="wafv2AclName")
_AFTER = (
    _Setting(suffix="waf-acl-id", other="web-acl-id"),
    _Setting(suffix="shield-advanced-protection", read=parse_bool, refuse=_flag, alone=True),
    _Setting(suffix="enable-frontend-nlb", read=parse_bool, refuse=_flag, alone=True),
)


def balancer_faults(inventory: Inventory, group: Group) -> Iterator[Failure]:
    """Tell what the controller refuses of the balancer itself, before it looks at rules."""
    for setting in _BEFORE:
        yield from _agreed(inventory, group.members, setting)
        if setting is _SECURITY and any(
            parse_list(text) for _, text in _values(inventory, group.members, setting)
        ):
            yield from _agreed(inventory, group.members, _MANAGED)
    for suffix, param in (
        ("load-balancer-attributes", "loadBalancerAttributes"),
        ("tags", "tags"),
    ):
        yield from pairs_faults(group.members, suffix, _fixed(inventory, group, param))
    yield from _agreed(inventory, group.members, _NAME)
    if not _fixed(inventory, group, "minimumLoadBalancerCapacity"):
        yield from _capacity_faults(group.members)
    if not _fixed(inventory, group, "ipamConfiguration"):
        yield from _agreed(inventory, group.members, _Setting(suffix="ipam-ipv4-pool-id"))


def _capacity_faults(members: Iterable[Ingress]) -> Iterator[Failure]:
    suffix = "minimum-load-balancer-capacity"
    yield from pairs_faults(members, suffix, {})
    key = f"{PREFIX}/{suffix}"
    for member in members:
        for name, value in (parse_pairs(member.annotations.get(key, "")) or {}).items():
            if name != "CapacityUnits" or parse_int(value) is None:
                reason = f"must be CapacityUnits= and a whole number, not {name}={value}"
                yield Failure(id="ANN-01", ingress=member.key, where=key, reason=reason)


def is_dual_stack(inventory: Inventory, group: Group) -> bool:
    """Whether the balancer takes IPv6 as well as IPv4."""
    said = _values(inventory, group.members, _ADDRESSES)
    return bool(said) and said[0][1].startswith("dualstack")


def addon_faults(inventory: Inventory, group: Group) -> Iterator[Failure]:
    """Tell what it refuses of what is put around the balancer, after the rules."""
    if _values(inventory, group.members, _WALL):
        yield from _agreed(inventory, group.members, _WALL)
    else:
        arn = _Setting(suffix="wafv2-acl-arn", param="wafv2AclArn")
        yield from _agreed(inventory, group.members, arn)
    for setting in _AFTER:
        yield from _agreed(inventory, group.members, setting)


def pairs_faults(
    members: Iterable[Ingress], suffix: str, fixed: Mapping[str, Any]
) -> Iterator[Failure]:
    """
    Tell where `key=value` pairs of members cannot be read, or want different things.

    Args:
        members: in order.
        suffix: of the annotation.
        fixed: what the class decides, so that members may differ.

    """
    key = f"{PREFIX}/{suffix}"
    seen: dict[str, tuple[str, Ingress]] = {}
    for member in members:
        text = member.annotations.get(key)
        pairs = {} if text is None else parse_pairs(text)
        if pairs is None:
            reason = f"must be key=value pairs with commas between, not {text!r}"
            yield Failure(id="ANN-01", ingress=member.key, where=key, reason=reason)
            continue
        for name, value in pairs.items():
            known, first = seen.setdefault(name, (value, member))
            if known != value and name not in fixed:
                reason = f"{name} is {known!r} for {first.key} and {value!r} for {member.key}"
                yield Failure(id="ORD-10", ingress=member.key, where=key, reason=reason)


def _agreed(
    inventory: Inventory, members: Iterable[Ingress], setting: _Setting
) -> Iterator[Failure]:
    """Tell whose value cannot be used, and who wants another one."""
    key = f"{PREFIX}/{setting.suffix}"
    seen: dict[Hashable, tuple[str, Ingress]] = {}
    bad: list[Failure] = []
    for member, text in _values(inventory, members, setting):
        refused = setting.refuse(text)
        if refused:
            bad.append(Failure(id="ANN-01", ingress=member.key, where=key, reason=refused))
        if not refused or not setting.alone:
            seen.setdefault(setting.read(text), (text, member))
    yield from bad if setting.alone else ()
    if len(seen) > 1:
        said = " and ".join(f"{member.key} wants {text!r}" for text, member in seen.values())
        second = list(seen.values())[1][1]
        if setting.other and key not in second.annotations:
            key = f"{PREFIX}/{setting.other}"
        reason = f"all must agree: {said}"
        yield Failure(id="ORD-10", ingress=second.key, where=key, reason=reason)
    yield from () if setting.alone else bad


def _values(
    inventory: Inventory, members: Iterable[Ingress], setting: _Setting
) -> list[tuple[Ingress, str]]:
    """Give what members say, or their classes for them."""
    found = []
    for member in members:
        params = params_of(inventory, member)
        own = params.spec.get(setting.param) if params and setting.param else None
        text = member.annotations.get(f"{PREFIX}/{setting.suffix}")
        if text is None and setting.other:
            text = member.annotations.get(f"{PREFIX}/{setting.other}")
        if own not in (None, ""):
            text = str(own)
        if text is not None and (text or setting.suffix not in _EMPTY_IS_NONE):
            found.append((member, text))
    return found


#: where an empty annotation is the same as none
_EMPTY_IS_NONE = {"wafv2-acl-name", "ipam-ipv4-pool-id", "waf-acl-id"}


def _fixed(inventory: Inventory, group: Group, param: str) -> Mapping[str, Any]:
    """Tell what the class of the first member decides for all."""
    params = params_of(inventory, group.members[0]) if group.members else None
    return _by_key(params, param) if params else {}


def _by_key(params: ClassParams, param: str) -> Mapping[str, Any]:
    value = params.spec.get(param)
    if isinstance(value, dict):
        return value
    pairs = value if isinstance(value, list) else []
    return {str(pair.get("key")): pair.get("value") for pair in pairs if isinstance(pair, dict)}
