"""Ingress and Service, the fields that decide where traffic goes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.release.parts import at


class _Object(BaseModel):
    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    namespace: Annotated[str, at("metadata", "namespace")]
    name: Annotated[str, at("metadata", "name")]
    uid: Annotated[str, at("metadata", "uid")] = ""
    resource_version: Annotated[str, at("metadata", "resourceVersion")] = ""
    tracking_id: Annotated[str, at("metadata", "annotations", "argocd.argoproj.io/tracking-id")] = (
        ""
    )
    managed_fields: Annotated[tuple[dict[str, Any], ...], at("metadata", "managedFields")] = ()


class Ingress(_Object):
    """One Ingress (networking.k8s.io/v1)."""

    annotations: Annotated[dict[str, str], at("metadata", "annotations")] = Field(
        default_factory=dict
    )
    rules: Annotated[tuple[dict[str, Any], ...], at("spec", "rules")] = ()
    class_name: Annotated[str, at("spec", "ingressClassName")] = ""


class Service(_Object):
    """One Service."""

    selector: Annotated[dict[str, str], at("spec", "selector")] = Field(default_factory=dict)
