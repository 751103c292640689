"""
What a step of a canary looks like, as far as it is read here.

The API server checks manifests against the controller's schema, but what stands there may be older
than the schema, or the schema may not be installed at all. A step of another shape makes the object
one that cannot be read: it is told in the log, and what was known of it before stays.
"""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, StrictInt, TypeAdapter, with_config
from typing_extensions import TypedDict

Step: TypeAlias = dict[str, Any]

_MORE = ConfigDict(extra="allow")
_Number: TypeAlias = Annotated[StrictInt, Field(ge=-(2**31), lt=2**31)]


@with_config(_MORE)
class _Pause(TypedDict, total=False):
    duration: _Number | str | None


@with_config(_MORE)
class _Scale(TypedDict, total=False):
    replicas: _Number | None
    weight: _Number | None
    matchTrafficWeight: bool | None


@with_config(_MORE)
class _Match(TypedDict, total=False):
    headerName: str
    headerValue: dict[str, str] | None


@with_config(_MORE)
class _HeaderRoute(TypedDict, total=False):
    name: str
    match: list[_Match] | None


@with_config(_MORE)
class _Named(TypedDict, total=False):
    name: str


@with_config(_MORE)
class _Step(TypedDict, total=False):
    setWeight: _Number | None
    pause: _Pause | None
    setCanaryScale: _Scale | None
    setHeaderRoute: _HeaderRoute | None
    setMirrorRoute: _Named | None
    plugin: _Named | None
    analysis: Step | None
    experiment: Step | None


_STEPS: TypeAdapter[list[_Step]] = TypeAdapter(list[_Step])


def _readable(steps: Any) -> Any:
    """Give the steps as they are. Raises ValidationError, which says where they are not."""
    if steps:
        _STEPS.validate_python(steps)
    return steps


#: The steps of a canary, each as it is written.
Steps: TypeAlias = Annotated[tuple[Step, ...], BeforeValidator(_readable)]
