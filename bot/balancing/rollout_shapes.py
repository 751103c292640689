"""The shape of a Rollout, as far as models only look at it and do not check it themselves."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictInt


class _Match(BaseModel):
    header: Annotated[str, Field(alias="headerName")] = ""
    value: Annotated[dict[str, str], Field(alias="headerValue")] = Field(default_factory=dict)


class _HeaderRoute(BaseModel):
    name: str = ""
    match: list[_Match] = Field(default_factory=list)


class _Step(BaseModel):
    """One step; a kind of step that we do not know is none of our business."""

    weight: Annotated[StrictInt | None, Field(alias="setWeight")] = None
    route: Annotated[_HeaderRoute | None, Field(alias="setHeaderRoute")] = None
    mirror: Annotated[dict[str, Any] | None, Field(alias="setMirrorRoute")] = None
    scale: Annotated[dict[str, Any] | None, Field(alias="setCanaryScale")] = None
    pause: dict[str, Any] | None = None
    analysis: dict[str, Any] | None = None
    experiment: dict[str, Any] | None = None


class _Canary(BaseModel):
    traffic: Annotated[dict[str, Any], Field(alias="trafficRouting")] = Field(default_factory=dict)
    steps: list[_Step] = Field(default_factory=list)


class _Strategy(BaseModel):
    canary: _Canary = Field(default_factory=_Canary)


class _Spec(BaseModel):
    strategy: _Strategy = Field(default_factory=_Strategy)


class _CanaryStatus(BaseModel):
    weights: dict[str, Any] | None = None


class _Status(BaseModel):
    canary: _CanaryStatus = Field(default_factory=_CanaryStatus)


class Shape(BaseModel):
    """What the paths of `Rollout` lead through: a model skips what it cannot pass."""

    spec: _Spec = Field(default_factory=_Spec)
    status: _Status = Field(default_factory=_Status)
