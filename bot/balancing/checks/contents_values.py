"""ANN-13: values that the controller passes on unseen and AWS refuses."""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from bot.balancing.annotations import Condition, FixedResponse, Redirect
from bot.balancing.catalogue.contents import ANN_13
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import Text, only
from bot.balancing.mending import put, text
from bot.balancing.objects import Ingress
from bot.release.numbers import is_whole

_REFUSED = "AWS refuses a value on Ingress {}: this rule, and those behind it, stay as they are."
_LONGEST = 128  # AWS: a value of a condition
_LONGEST_NAME = 40  # AWS: the name of a header, a method
_LONGEST_BODY = 1_024  # AWS: FixedResponseActionConfig
_METHOD = re.compile(r"[A-Z_-]+\Z")
_STATUS = re.compile(r"[245][0-9][0-9]\Z")
_ONCE = ("http-request-method", "source-ip")  # host and path are put together by the controller
_REDIRECTS = ("HTTP_301", "HTTP_302")
_PROTOCOLS = ("HTTP", "HTTPS", "#{protocol}")
_CONTENT_TYPES = (
    "text/plain",
    "text/css",
    "text/html",
    "application/javascript",
    "application/json",
)

Fault = tuple[str, str]  #: the path within the annotation; what is wrong there


def refused_values(scene: Scene) -> Iterator[Result]:
    """ANN-13: everything that AWS refuses in conditions, redirects and fixed responses."""
    for one in scene.texts:
        faults = [*_in_conditions(one.conditions), *_in_action(one)]
        for path, reason in faults:
            yield from one.found(
                ANN_13,
                message=_REFUSED.format(one.ingress.name),
                evidence=f"{path} {reason}",
                patch=_patch(one, path),
                part=path,
            )


def _in_conditions(conditions: tuple[Condition, ...]) -> Iterator[Fault]:
    fields = [condition.field for condition in conditions]
    for i, condition in enumerate(conditions):
        if condition.field in _ONCE and condition.field in fields[:i]:
            yield f"[{i}].field", f"is the second {condition.field}; AWS takes one in a rule"
        match condition.field:
            case "http-header":
                yield from _in_header(f"[{i}].httpHeaderConfig", condition)
            case "http-request-method":
                yield from _in_methods(f"[{i}].httpRequestMethodConfig", condition)
            case "source-ip":
                yield from _in_ranges(f"[{i}].sourceIPConfig", condition)
            case "query-string":
                yield from _in_query(f"[{i}].queryStringConfig", condition)
            case "host-header":
                yield from _long(f"[{i}].hostHeaderConfig", condition)
                yield from _undotted(f"[{i}].hostHeaderConfig", condition)
            case "path-pattern":
                yield from _long(f"[{i}].pathPatternConfig", condition)


def _in_header(path: str, condition: Condition) -> Iterator[Fault]:
    name, where = condition.header, f"{path}.httpHeaderName"
    if not name:
        yield where, "is missing or empty"
    elif len(name) > _LONGEST_NAME:
        yield where, f"has {len(name)} characters; AWS takes {_LONGEST_NAME}"
    elif name.lower() == "host":
        yield where, f"is {name}; AWS takes the host as host-header only"
    elif {"*", "?"} & {*name}:
        yield where, f"is {name}; AWS takes no wildcards in it"
    yield from _long(path, condition)


def _in_methods(path: str, condition: Condition) -> Iterator[Fault]:
    for i, method in enumerate(condition.values):
        if not _METHOD.match(method) or len(method) > _LONGEST_NAME:
            rule = f"AWS takes A-Z, - and _, at most {_LONGEST_NAME}"
            yield f"{path}.values[{i}]", f"is {method!r}; {rule}"


def _in_ranges(path: str, condition: Condition) -> Iterator[Fault]:
    for i, value in enumerate(condition.values):
        if not _is_range(value):
            yield f"{path}.values[{i}]", f"is {value!r}; AWS takes a range such as 10.0.0.0/8"


def _is_range(value: str) -> bool:
    """Whether it is an address with the number of bits that count."""
    address, slash, bits = value.partition("/")
    if not slash or not (bits.isascii() and bits.isdecimal()):
        return False
    try:
        ip_network(f"{address}/{bits}", strict=False)
    except ValueError:
        return False
    return True


def _in_query(path: str, condition: Condition) -> Iterator[Fault]:
    for i, (key, value) in enumerate(condition.pairs):
        for what, written in (("key", key or ""), ("value", value)):
            yield from _too_long(f"{path}.values[{i}].{what}", written)


def _long(path: str, condition: Condition) -> Iterator[Fault]:
    for what, values in (("values", condition.values), ("regexValues", condition.regexes)):
        for i, value in enumerate(values):
            yield from _too_long(f"{path}.{what}[{i}]", value)


def _too_long(path: str, value: str) -> Iterator[Fault]:
    if len(value) > _LONGEST:
        yield path, f"has {len(value)} characters; AWS takes {_LONGEST}"


def _undotted(path: str, condition: Condition) -> Iterator[Fault]:
    for i, value in enumerate(condition.values):
        if not {".", "*", "?"} & {*value}:
            yield f"{path}.values[{i}]", f"is {value!r}; AWS takes hosts with a dot"


def _in_action(one: Text) -> Iterator[Fault]:
    match one.action:
        case Redirect() as redirect:
            yield from _in_redirect("redirectConfig", redirect)
        case FixedResponse(status=status, content_type=kind, body=body):
            path = "fixedResponseConfig"
            if not _STATUS.match(status):
                yield f"{path}.statusCode", f"is {status!r}; AWS takes 2xx, 4xx and 5xx"
            if kind and kind not in _CONTENT_TYPES:
                yield f"{path}.contentType", f"is {kind!r}; AWS takes {', '.join(_CONTENT_TYPES)}"
            if len(body or "") > _LONGEST_BODY:
                size = len(body or "")
                yield f"{path}.messageBody", f"has {size} characters; AWS takes {_LONGEST_BODY}"


def _in_redirect(path: str, redirect: Redirect) -> Iterator[Fault]:
    """What AWS refuses in the parts of a redirect; one that is not given stays as it was."""
    if redirect.status not in _REDIRECTS:
        yield f"{path}.statusCode", f"is {redirect.status!r}; AWS takes HTTP_301 or HTTP_302"
    if redirect.protocol is not None and redirect.protocol not in _PROTOCOLS:
        yield f"{path}.protocol", f"is {redirect.protocol!r}; AWS takes {', '.join(_PROTOCOLS)}"
    if redirect.port is not None and not _is_port(redirect.port):
        yield f"{path}.port", f"is {redirect.port!r}; AWS takes 1 to 65535 or #{{port}}"
    if redirect.path is not None and not redirect.path.startswith("/"):
        yield f"{path}.path", f"is {redirect.path!r}; AWS takes a path that begins with /"
    for what, value in (
        ("host", redirect.host),
        ("path", redirect.path),
        ("query", redirect.query),
    ):
        yield from _too_long(f"{path}.{what}", value or "")


def _is_port(text: str) -> bool:
    return text == "#{port}" or (is_whole(text) and 1 <= int(text) <= 65_535)


def _patch(one: Text, path: str) -> str:
    """Write what is plainly meant: a redirect's status, a method in capitals, an address."""
    if path == "redirectConfig.statusCode":
        return one.patch(one.mended)
    found = re.fullmatch(
        r"\[(\d+)\]\.(httpRequestMethodConfig|sourceIPConfig)\.values\[(\d+)\]", path
    )
    if not found or one.mended is None:
        return ""
    i, config, j = int(found[1]), found[2], int(found[3])
    value = one.conditions[i].values[j]
    if config == "sourceIPConfig":
        better = f"{value}/{128 if ':' in value else 32}"
        is_good = _is_range(better)
    else:
        better = value.upper()
        is_good = bool(_METHOD.match(better)) and len(better) <= _LONGEST_NAME
    tree = put(one.mended, (i, config, "values", j), text(better))
    return one.patch(tree) if is_good else ""


def refused_specs(scene: Scene) -> Iterator[Result]:
    """ANN-13: a host or path of the spec that AWS refuses."""
    for member in scene.model.group.members:
        told = set[str]()
        for rule in scene.rules_of(member):
            for what, value in (("host", rule.host), ("path", rule.path)):
                is_undotted = what == "host" and value and not {".", "*", "?"} & {*value}
                faults = [reason for _, reason in _too_long("", value)]
                faults += ["has no dot; AWS takes hosts with one"] if is_undotted else []
                place = f"{what} {value}"
                if faults and place not in told:
                    told.add(place)
                    only_one = only(scene.rollouts_of(member))
                    yield _in_spec(member, place, faults[0], rollout=only_one)


def _in_spec(ingress: Ingress, place: str, reason: str, *, rollout: str) -> Result:
    return ANN_13.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        message=_REFUSED.format(ingress.name),
        evidence=f"spec.rules: {place} {reason}",
        rollout=rollout,
        place=place,
    )


CHECKS: tuple[SceneCheck, ...] = (refused_values, refused_specs)
