"""
One measurement of a metric: a JSON document by HTTP, and what its conditions say of it.

Of Argo's providers only `web` is understood, with GET, `jsonPath: {$.a.b}` and conditions of the
form `result.a >= 0.95`. All else is an error in words, as a broken provider is with Argo.
"""

import json
import operator
import re
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox.cluster.objects import Manifest, at

_PATIENCE = 10.0  #: seconds, if the metric does not say
_PATH = re.compile(r"\{\$((?:\.[\w-]+)*)\}")
_CONDITION = re.compile(r"\s*result((?:\.[\w-]+)*)\s*(==|!=|>=|<=|>|<)\s*(.+?)\s*")
_ARGUMENT = re.compile(r"\{\{\s*args\.([\w-]+)\s*\}\}")
_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Measurement:
    """What came out: a phase, and the value or the error."""

    phase: str
    value: str = ""
    message: str = ""


class NotMeasured(Exception):  # noqa: N818 - what happened
    """The metric cannot be measured; the words go into the measurement."""


async def measure(metric: Manifest, args: list[Manifest]) -> Measurement:
    """Measure once; an error is a measurement too."""
    try:
        found = await _fetch(metric, args)
        phase = judge(found, metric.get("successCondition", ""), metric.get("failureCondition", ""))
    except (NotMeasured, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Measurement("Error", message=str(error) or type(error).__name__)
    return Measurement(phase, value=json.dumps(found))


def judge(result: Any, success: str, failure: str) -> str:
    """Say which phase a result means. Raises NotMeasured."""
    if failure and _holds(result, failure):
        return "Failed"
    if not success or _holds(result, success):
        return "Successful"
    return "Inconclusive" if failure else "Failed"


async def _fetch(metric: Manifest, args: list[Manifest]) -> Any:
    web = at(metric, "provider", "web")
    if web is None:
        raise NotMeasured("the local cluster knows only the provider web")
    path = _PATH.fullmatch(web.get("jsonPath") or "{$}")
    if path is None:
        raise NotMeasured(f"the local cluster does not understand the jsonPath {web['jsonPath']}")
    limit = aiohttp.ClientTimeout(total=float(web.get("timeoutSeconds") or _PATIENCE))
    url = _filled(web["url"], args)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
        if not answer.ok:
            raise NotMeasured(f"received non 2xx response code: {answer.status}")
        return _dig(json.loads(await answer.text()), path[1])


def _filled(text: str, args: list[Manifest]) -> str:
    values = {arg["name"]: str(arg.get("value", "")) for arg in args}

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise NotMeasured(f"args.{found[1]} was not resolved")
        return values[found[1]]

    return _ARGUMENT.sub(value, text)


def _dig(document: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        if not isinstance(document, dict) or name not in document:
            raise NotMeasured(f"{name} is not found")
        document = document[name]
    return document


def _holds(result: Any, condition: str) -> bool:
    parts = _CONDITION.fullmatch(condition)
    if parts is None:
        raise NotMeasured(f"the local cluster does not understand the condition {condition}")
    literal = parts[3]
    wanted = literal[1:-1] if literal[:1] == literal[-1:] == "'" else json.loads(literal)
    try:
        return bool(_COMPARISONS[parts[2]](_dig(result, parts[1]), wanted))
    except TypeError as error:
        raise NotMeasured(f"{condition}: {error}") from error
