"""The shapes in which an Ingress may be written, and the old ones turned into today's."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    model_validator,
)

_LONGEST = 253
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


def _name(given: str) -> str:
    if not _NAME.fullmatch(given):
        told = f"must be of a-z, 0-9, - and ., at most {_LONGEST} of them, not {given[:_LONGEST]!r}"
        raise ValueError(told)
    return given


class _Metadata(_Shape):
    name: Annotated[str, AfterValidator(_name)]
    namespace: Annotated[str | None, AfterValidator(lambda given: given and _name(given))] = None
    annotations: dict[str, str] = Field(default_factory=dict)


class Named(_Shape):
    """What every object has."""

    metadata: _Metadata
    spec: dict[str, Any] = Field(default_factory=dict)
    status: dict[str, Any] = Field(default_factory=dict)


class _Port(_Shape):
    name: str | None = None
    number: StrictInt | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_its_kind(cls, given: Any) -> Any:
        number = given.get("number", 0) if isinstance(given, Mapping) else 0
        if isinstance(number, str):
            told = f'number must be a number, not "{number}"; a name is written as `name`'
            raise ValueError(told)  # noqa: TRY004 - pydantic takes no TypeError
        return given

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.name is None and self.number is None:
            raise ValueError("must have a name or a number")
        if self.name and self.number:
            raise ValueError("must have a name or a number, not both")
        return self


class _Service(_Shape):
    name: str
    port: _Port


def _refuse(given: Any, foreign: tuple[str, ...], wanted: str) -> Any:
    """Refuse a backend that is written in another version's words."""
    found = [key for key in foreign if isinstance(given, Mapping) and key in given]
    if found:
        raise ValueError(f"{found[0]} is of another apiVersion; {wanted}")
    return given


class _Backend(_Shape):
    service: _Service | None = None
    resource: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_its_words(cls, given: Any) -> Any:
        wanted = "networking.k8s.io/v1 wants service.name and service.port.name or .number"
        return _refuse(given, ("serviceName", "servicePort"), wanted)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.service is None and self.resource is None:
            raise ValueError("must have a service")
        return self


def _port(given: Any) -> Any:
    """Take a number or a name, as `IntOrString` does."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        told = "must be a port number, or a port name as text"
        raise ValueError(told)  # noqa: TRY004 - pydantic takes no TypeError
    return given


class _OldBackend(_Shape):
    name: Annotated[str | None, Field(alias="serviceName")] = None
    port: Annotated[Any, Field(alias="servicePort"), BeforeValidator(_port)] = None
    resource: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_its_words(cls, given: Any) -> Any:
        return _refuse(given, ("service",), "v1beta1 wants serviceName and servicePort")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.resource is None and not (self.name and self.port is not None):
            raise ValueError("must have serviceName and servicePort")
        return self


class _AnyPath(_Shape):
    path: str = ""
    type: Annotated[str, Field(alias="pathType")] = ""


class _Path(_AnyPath):
    backend: _Backend


class _OldPath(_AnyPath):
    backend: _OldBackend


class _Http(_Shape):
    paths: list[_Path]


class _OldHttp(_Shape):
    paths: list[_OldPath]


class _Rule(_Shape):
    host: str = ""
    http: _Http | None = None


class _OldRule(_Shape):
    host: str = ""
    http: _OldHttp | None = None


class _Spec(_Shape):
    class_name: Annotated[str, Field(alias="ingressClassName")] = ""
    default: Annotated[_Backend | None, Field(alias="defaultBackend")] = None
    rules: list[_Rule] = Field(default_factory=list)


class _OldSpec(_Shape):
    class_name: Annotated[str, Field(alias="ingressClassName")] = ""
    default: Annotated[_OldBackend | None, Field(alias="backend")] = None
    rules: list[_OldRule] = Field(default_factory=list)


class V1(_Shape):
    """An Ingress of networking.k8s.io/v1."""

    spec: _Spec = Field(default_factory=_Spec)


class V1Beta1(_Shape):
    """An Ingress of networking.k8s.io/v1beta1 or extensions/v1beta1."""

    spec: _OldSpec = Field(default_factory=_OldSpec)


def modern(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Write a spec of v1beta1, whose shape is right, as one of networking.k8s.io/v1."""
    after = {key: value for key, value in spec.items() if key not in {"backend", "rules"}}
    if spec.get("backend") is not None:
        after["defaultBackend"] = _modern_backend(spec["backend"])
    after["rules"] = [_modern_rule(rule) for rule in spec.get("rules", ())]
    return after


def _modern_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    if rule.get("http") is None:
        return dict(rule)
    paths = [
        {"pathType": "ImplementationSpecific", **path, "backend": _modern_backend(path["backend"])}
        for path in rule["http"]["paths"]
    ]
    return {**rule, "http": {"paths": paths}}


def _modern_backend(backend: Mapping[str, Any]) -> dict[str, Any]:
    if backend.get("serviceName") is None:
        return dict(backend)
    port = backend["servicePort"]
    spelled = {"number": port} if isinstance(port, int) else {"name": port}
    return {"service": {"name": backend["serviceName"], "port": spelled}}
