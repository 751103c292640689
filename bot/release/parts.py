"""The parts of a Rollout's manifest; every field tells the path it is read from."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, StringConstraints

#: What names something: Kubernetes allows 253 characters, and buttons have room for no more.
Name = Annotated[str, StringConstraints(max_length=253)]


def at(first: str, *rest: str | int) -> Any:
    """Read a field from this path of the manifest."""
    return Field(validation_alias=AliasPath(first, *rest))


class Part(BaseModel):
    """A model whose fields may be given by name or read from their path."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)


class PauseCondition(Part):
    """Why and since when the controller waits (`status.pauseConditions[]`)."""

    reason: str = ""
    started: Annotated[datetime | None, at("startTime")] = None


class ContainerPort(Part):
    """One port that a container says it listens on."""

    number: Annotated[int, at("containerPort")] = 0
    name: str = ""


class Container(Part):
    """One container of the pod template."""

    name: str = ""
    image: str = ""
    ports: tuple[ContainerPort, ...] = ()


class AlbRouting(Part):
    """`spec.strategy.canary.trafficRouting.alb`."""

    ingress: str = ""
    ingresses: tuple[str, ...] = ()
    root_service: Annotated[str, at("rootService")] = ""
    annotation_prefix: Annotated[str, at("annotationPrefix")] = ""
    service_port: Annotated[int, at("servicePort")] = 0
    is_sticky: Annotated[bool, at("stickinessConfig", "enabled")] = False
    sticky_seconds: Annotated[int, at("stickinessConfig", "durationSeconds")] = 0


class NginxRouting(Part):
    """`spec.strategy.canary.trafficRouting.nginx`."""

    stable_ingress: Annotated[str, at("stableIngress")] = ""
    stable_ingresses: Annotated[tuple[str, ...], at("stableIngresses")] = ()
    annotation_prefix: Annotated[str, at("annotationPrefix")] = ""
    additional: Annotated[dict[str, str], at("additionalIngressAnnotations")] = Field(
        default_factory=dict
    )
    as_written: Annotated[dict[str, str], at("canaryIngressAnnotations")] = Field(
        default_factory=dict
    )


class ManagedRoute(Part):
    """A route name that `setHeaderRoute` may use."""

    name: str = ""


class PingPong(Part):
    """Two services that swap roles at every release."""

    ping: Annotated[str, at("pingService")] = ""
    pong: Annotated[str, at("pongService")] = ""


class Destination(Part):
    """What the controller last handed to the router for one side."""

    weight: int = 0
    revision: Annotated[str, at("podTemplateHash")] = ""


class AnalysisStatus(Part):
    """The analysis that runs now (`currentStepAnalysisRunStatus` and its background twin)."""

    name: str = ""
    status: str = ""
    message: str = ""
