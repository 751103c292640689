"""The parts of a Rollout's manifest; every field tells the path it is read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AliasPath, ConfigDict, Field, StringConstraints, TypeAdapter

#: What names something: Kubernetes allows 253 characters, and buttons have room for no more.
Name = Annotated[str, StringConstraints(max_length=253)]


def at(first: str, *rest: str | int) -> Any:
    """Read a field from this path of the manifest."""
    return Field(validation_alias=AliasPath(first, *rest))


_READERS: dict[type, TypeAdapter[Any]] = {}  #: each is made once: that takes milliseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """
    What is read from a manifest; its fields may be given by name or stand at their path.

    pydantic checks what it reads. What is made by name in the code is taken as it is. It is a
    dataclass with slots because thousands are kept: a model of pydantic has a dict for its fields
    and another for what was given, as large as all that stands in them.
    """

    __pydantic_config__ = ConfigDict(validate_by_name=True, validate_by_alias=True)

    @classmethod
    def model_validate(cls, manifest: object) -> Self:
        """Read it from a manifest. Raises ValidationError."""
        reader: TypeAdapter[Self] | None = _READERS.get(cls)
        if reader is None:
            reader = _READERS[cls] = TypeAdapter(cls)
        return reader.validate_python(manifest)

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """Make one like it in which these fields, unchecked, are other ones."""
        return replace(self, **update)


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseCondition(Part):
    """Why and since when the controller waits (`status.pauseConditions[]`)."""

    reason: str = ""
    started: Annotated[datetime | None, at("startTime")] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerPort(Part):
    """One port that a container says it listens on."""

    number: Annotated[int, at("containerPort")] = 0
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Container(Part):
    """One container of the pod template."""

    name: str = ""
    image: str = ""
    ports: tuple[ContainerPort, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AlbRouting(Part):
    """`spec.strategy.canary.trafficRouting.alb`."""

    ingress: str = ""
    ingresses: tuple[str, ...] = ()
    root_service: Annotated[str, at("rootService")] = ""
    annotation_prefix: Annotated[str, at("annotationPrefix")] = ""
    service_port: Annotated[int, at("servicePort")] = 0
    is_sticky: Annotated[bool, at("stickinessConfig", "enabled")] = False
    sticky_seconds: Annotated[int, at("stickinessConfig", "durationSeconds")] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NginxRouting(Part):
    """`spec.strategy.canary.trafficRouting.nginx`."""

    stable_ingress: Annotated[str, at("stableIngress")] = ""
    stable_ingresses: Annotated[tuple[str, ...], at("stableIngresses")] = ()
    annotation_prefix: Annotated[str, at("annotationPrefix")] = ""
    additional: Annotated[dict[str, str], at("additionalIngressAnnotations")] = field(
        default_factory=dict
    )
    as_written: Annotated[dict[str, str], at("canaryIngressAnnotations")] = field(
        default_factory=dict
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ManagedRoute(Part):
    """A route name that `setHeaderRoute` may use."""

    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PingPong(Part):
    """Two services that swap roles at every release."""

    ping: Annotated[str, at("pingService")] = ""
    pong: Annotated[str, at("pongService")] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination(Part):
    """What the controller last handed to the router for one side."""

    weight: int = 0
    revision: Annotated[str, at("podTemplateHash")] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysisStatus(Part):
    """The analysis that runs now (`currentStepAnalysisRunStatus` and its background twin)."""

    name: str = ""
    status: str = ""
    message: str = ""
