"""
Bytes of the API server -> models, in one pass.

pydantic reads an event straight from its line and keeps only the fields of the model: about a sixth
of what the client's own `Watch` costs, which parses each line three times. Only a line that cannot
be read so (a bookmark, an error, an object that does not fit) is looked at a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal

from pydantic import (
    AliasPath,
    BaseModel,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    create_model,
)

from bot.cluster.kinds import T


@dataclass(slots=True)  # not frozen: one is made for each event, and frozen ones cost thrice
class Put(Generic[T]):
    """The object is so now."""

    object: T


@dataclass(frozen=True)
class Drop(Generic[T]):
    """The object is gone; its last state, when it can be read."""

    uid: str
    version: str
    last: T | None = None


@dataclass(frozen=True)
class Bookmark:
    """Nothing happened up to this version."""

    version: str


@dataclass(frozen=True)
class Failure:
    """The server ends the watch; code and words as in an HTTP answer."""

    code: int
    wait: float
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Illegible:
    """An object that is there but does not fit its model."""

    uid: str
    version: str
    called: str
    why: str


Event = Put[T] | Drop[T] | Bookmark | Failure | Illegible


class Garbled(Exception):  # noqa: N818 - says what the line is
    """A line that is no event at all: something was lost with it."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its version, the token of the next page, the objects."""

    version: str
    token: str
    objects: list[T]
    illegible: list[Illegible]


class _Aside(BaseModel):
    """What of an event can be read when its object cannot."""

    type: str = ""
    version: str = Field("", validation_alias=AliasPath("object", "metadata", "resourceVersion"))
    uid: str = Field("", validation_alias=AliasPath("object", "metadata", "uid"))
    namespace: str = Field("", validation_alias=AliasPath("object", "metadata", "namespace"))
    name: str = Field("", validation_alias=AliasPath("object", "metadata", "name"))
    code: int = Field(0, validation_alias=AliasPath("object", "code"))
    wait: float = Field(
        0,
        allow_inf_nan=False,
        validation_alias=AliasPath("object", "details", "retryAfterSeconds"),
    )
    status: JsonValue = Field(None, validation_alias="object")


class _Loose(BaseModel):
    """A page of which at least one object does not fit."""

    version: str = Field("", validation_alias=AliasPath("metadata", "resourceVersion"))
    token: str = Field("", validation_alias=AliasPath("metadata", "continue"))
    items: list[Any] | None = None


class Decoder(Generic[T]):
    """Reads the events and the pages of one kind."""

    def __init__(self, model: type[T]) -> None:
        self._one: TypeAdapter[T] = TypeAdapter(model)
        self._event = _validator(
            "Event",
            type=(Literal["ADDED", "MODIFIED", "DELETED"], ...),
            object=(model, ...),
        )
        self._page = _validator(
            "Page",
            version=(str, Field("", validation_alias=AliasPath("metadata", "resourceVersion"))),
            token=(str, Field("", validation_alias=AliasPath("metadata", "continue"))),
            items=(list[model] | None, None),  # type: ignore[valid-type]
        )

    def one(self, body: bytes) -> T:
        """Read one object. Raises ValidationError."""
        return self._one.validate_json(body)

    def event(self, line: bytes) -> Event[T]:
        """
        Read one line of a watch.

        Raises:
            Garbled: it is not even the envelope of an event.

        """
        try:
            event = self._event(line)
        except ValidationError as error:
            return self._second_look(line, error)
        if event.type == "DELETED":
            return Drop(event.object.uid, event.object.resource_version, event.object)
        return Put(event.object)

    def page(self, body: bytes) -> Page[T]:
        """
        Read one page of a list; what does not fit is told apart.

        Raises:
            Garbled: it is no list.

        """
        try:
            page = self._page(body)
        except ValidationError:
            return self._page_piece_by_piece(body)
        return Page(page.version, page.token, page.items or [], [])

    def _second_look(self, line: bytes, why: ValidationError) -> Event[T]:
        try:
            aside = _Aside.model_validate_json(line)
        except ValidationError as error:
            raise Garbled(summary(error)) from why
        match aside.type:
            case "BOOKMARK" if aside.version:
                return Bookmark(aside.version)
            case "ERROR":
                return Failure(aside.code, aside.wait, _as_body(aside.status))
            case "DELETED" if aside.uid:
                return Drop(aside.uid, aside.version)
            case "ADDED" | "MODIFIED" if aside.uid:
                called = f"{aside.namespace}/{aside.name}"
                return Illegible(
                    uid=aside.uid, version=aside.version, called=called, why=summary(why)
                )
            case _:
                raise Garbled(summary(why)) from why

    def _page_piece_by_piece(self, body: bytes) -> Page[T]:
        try:
            page = _Loose.model_validate_json(body)
        except ValidationError as error:
            raise Garbled(summary(error)) from error
        objects: list[T] = []
        illegible: list[Illegible] = []
        for item in page.items or []:
            try:
                objects.append(self._one.validate_python(item))
            except ValidationError as error:
                illegible.append(_what_it_was(item, error))
        return Page(page.version, page.token, objects, illegible)


def summary(error: ValidationError) -> str:
    """Say where it does not fit, without the values: they may be anything."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _validator(name: str, **fields: Any) -> Callable[[bytes], Any]:
    # The validator itself, not `model_validate_json`: that is a Python function around it.
    return TypeAdapter(create_model(name, **fields)).validator.validate_json


def _as_body(status: JsonValue) -> bytes:
    return TypeAdapter(JsonValue).dump_json(status)


def _what_it_was(item: Any, error: ValidationError) -> Illegible:
    try:
        aside = _Aside.model_validate({"object": item})
    except ValidationError:
        aside = _Aside()
    return Illegible(
        uid=aside.uid,
        version=aside.version,
        called=f"{aside.namespace}/{aside.name}",
        why=summary(error),
    )
