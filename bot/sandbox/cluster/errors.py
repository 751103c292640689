"""
What the API server says instead of an object: `kind: Status` with a code, a reason and words.

    Refused
    ├─ BadRequest      400  what was sent cannot be understood
    ├─ Unauthorized    401  nobody knows the account
    ├─ Forbidden       403  the account lacks a right
    ├─ NotFound        404  no such object, or no such kind
    ├─ NotAllowed      405  nothing of that kind is done there
    ├─ Exists          409  it is there already
    ├─ Conflict        409  somebody wrote it since
    ├─ Expired         410  a version or a page token that is not kept any more
    ├─ TooLarge        413  more than one request may bring
    ├─ Unsupported     415  a body of a kind that is not taken
    ├─ Invalid         422  the object that would result is not valid
    ├─ Unprocessable   422  a JSON patch whose test failed, or that cannot be applied
    ├─ Internal        500  a webhook that must be asked does not answer
    ├─ Broken          500  what the real server has no other word for
    └─ Timeout         504  a version that is not there yet

The words are those of the real one, as far as it was asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.cluster.kinds import Kind

Cause = dict[str, str]


class Refused(Exception):  # noqa: N818 - what the server did
    """The server refuses; *details*, and what is put into them, goes into the body."""

    code = 500
    reason = ""

    def __init__(
        self,
        message: str,
        *,
        kind: Kind | None = None,
        name: str = "",
        causes: Sequence[Cause] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        found = dict(details or {}) | _details(kind, name, causes)
        self.details = found if found or details is not None else None

    def body(self) -> dict[str, Any]:
        """The answer as it goes over the wire."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        return status | {"code": self.code}


class BadRequest(Refused):
    """What was sent cannot be understood."""

    code, reason = 400, "BadRequest"


class Unauthorized(Refused):
    """Nobody knows the account."""

    code, reason = 401, "Unauthorized"

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Forbidden(Refused):
    """The account lacks a right."""

    code, reason = 403, "Forbidden"


class NotFound(Refused):
    """There is no such object, or no such kind."""

    code, reason = 404, "NotFound"


class NotAllowed(Refused):
    """Nothing of that kind is done there."""

    code, reason = 405, "MethodNotAllowed"

    def __init__(self) -> None:
        super().__init__(
            "the server does not allow this method on the requested resource", details={}
        )


class Exists(Refused):
    """An object of that name is there already."""

    code, reason = 409, "AlreadyExists"


class Conflict(Refused):
    """It has another version than the one that was named, or it is another object."""

    code, reason = 409, "Conflict"


class Expired(Refused):
    """That version is not kept any more: list again. *token*: or go on with this one."""

    code, reason = 410, "Expired"

    def __init__(self, message: str, *, token: str = "") -> None:
        super().__init__(message)
        self.token = token

    def body(self) -> dict[str, Any]:
        """The answer as it goes over the wire."""
        return super().body() | {"metadata": {"continue": self.token} if self.token else {}}


class TooLarge(Refused):
    """More than one request may bring."""

    code, reason = 413, "RequestEntityTooLarge"

    def __init__(self, message: str) -> None:
        super().__init__(f"Request entity too large: {message}")


class Unsupported(Refused):
    """A body of a kind that is not taken."""

    code, reason = 415, "UnsupportedMediaType"


class Invalid(Refused):
    """The object that would result is not valid."""

    code, reason = 422, "Invalid"


class Unprocessable(Refused):
    """A JSON patch that cannot be applied; the server does not say which operation failed."""

    code, reason = 422, "Invalid"

    def __init__(self) -> None:
        super().__init__(
            "the server rejected our request due to an error in our request", details={}
        )


class Internal(Refused):
    """Something that the server needs failed."""

    code, reason = 500, "InternalError"

    def __init__(self, why: str) -> None:
        super().__init__(f"Internal error occurred: {why}", details={"causes": [{"message": why}]})


class Broken(Refused):
    """What the real server has no other word for."""

    code = 500


class Timeout(Refused):
    """A version that is not there yet."""

    code, reason = 504, "Timeout"


def not_found(kind: Kind, name: str) -> NotFound:
    """Say that there is no object of that name."""
    return NotFound(f'{kind.resource} "{name}" not found', kind=kind, name=name)


def no_such_resource() -> NotFound:
    """Say that nothing is served at that path."""
    return NotFound("the server could not find the requested resource", details={})


def exists(kind: Kind, name: str, *, is_made_up: bool = False, is_ending: bool = False) -> Exists:
    """
    Say that the name is taken.

    *is_made_up*: the server was asked for one. *is_ending*: what has it is being deleted.
    """
    words = f'{kind.resource} "{name}" already exists'
    words = f"object is being deleted: {words}" if is_ending else words
    if not is_made_up:
        return Exists(words, kind=kind, name=name)
    return Exists(
        f"{words}, the server was not able to generate a unique name for the object",
        kind=kind,
        name=name,
        details={"retryAfterSeconds": 1},
    )


def conflict(kind: Kind, name: str, why: str) -> Conflict:
    """Say that the update cannot be made."""
    return Conflict(
        f'Operation cannot be fulfilled on {kind.resource} "{name}": {why}', kind=kind, name=name
    )


def modified(kind: Kind, name: str) -> Conflict:
    """Say that somebody wrote it since."""
    return conflict(
        kind,
        name,
        "the object has been modified;"
        " please apply your changes to the latest version and try again",
    )


def terminating(kind: Kind, name: str, namespace: str) -> Forbidden:
    """Say that the namespace is on its way out."""
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    return Forbidden(
        f'{kind.resource} "{name}" is forbidden: unable to create new content in namespace'
        f" {namespace} because it is being terminated",
        details=_details(kind, name, ()) | {"causes": [cause]},
    )


def invalid(kind: Kind, name: str, faults: Sequence[Cause]) -> Invalid:
    """Say what is not valid, field by field; the sentence says each thing once."""
    said = list(dict.fromkeys(f"{fault['field']}: {fault['message']}" for fault in faults))
    sentence = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    return Invalid(
        f'{kind.title} "{name}" is invalid: {sentence}', kind=kind, name=name, causes=faults
    )


def fault(field: str, message: str, reason: str = "FieldValueInvalid") -> Cause:
    """Name one thing that is not valid."""
    return {"reason": reason, "message": message, "field": field}


def required(field: str, message: str = "") -> Cause:
    """Name something that is missing."""
    words = f"Required value: {message}" if message else "Required value"
    return fault(field, words, "FieldValueRequired")


def _details(kind: Kind | None, name: str, causes: Sequence[Cause]) -> dict[str, Any]:
    details: dict[str, Any] = {"name": name} if name else {}
    if kind:
        details |= {"group": kind.group} if kind.group else {}
        details["kind"] = kind.kind if causes else kind.plural
    if causes:
        details["causes"] = list(causes)
    return details
