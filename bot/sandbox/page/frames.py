"""
What a page may say, one JSON object a frame.

Every frame has a *do* and a *ref*, by which its answer is known. Whatever is not written here is
refused with a sentence that says what is wrong and where.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

#: What stands in inputs, by block_id: text or an option's value, or several values.
Values = dict[str, str | list[str]]

LARGEST = 64 * 1024
Word = Annotated[str, Field(max_length=255)]
Ref = Annotated[int, Field(ge=0, lt=2**53)]


class Malformed(ValueError):  # noqa: N818 - it says what the frame is
    """A frame that cannot be read; the text is for whoever wrote the page."""


class Said(BaseModel, frozen=True, extra="forbid", strict=True):
    """What all frames have."""

    ref: Ref


class Typed(Said, frozen=True):
    """A line was sent from the box below a channel or a thread: a command, or a message."""

    do: Literal["type"]
    channel: Word
    thread: Word | None = None
    text: Annotated[str, Field(min_length=1, max_length=12_000)]


class Pressed(Said, frozen=True):
    """
    Something in a message was pressed or chosen.

    *version* tells which one of the message stood on the screen: who presses an old button presses
    what they saw, and the app has to cope.
    """

    do: Literal["press"]
    channel: Word
    ts: Word
    version: Annotated[int, Field(ge=1)]
    block: Word
    action: Word
    option: str | None = None


class PressedInView(Said, frozen=True):
    """Something in a modal or in the Home tab was pressed or chosen."""

    do: Literal["press-view"]
    view: Word
    block: Word
    action: Word
    option: str | None = None
    values: Values = {}


class Submitted(Said, frozen=True):
    """A modal was submitted."""

    do: Literal["submit"]
    view: Word
    values: Values = {}


class Closed(Said, frozen=True):
    """A modal was closed; *everything*: the whole stack."""

    do: Literal["close"]
    view: Word
    everything: bool = False


class HomeOpened(Said, frozen=True):
    """Somebody looks at the app's Home tab."""

    do: Literal["home"]


class Pulled(Said, frozen=True):
    """A lever of the cluster's panel was pulled."""

    do: Literal["pull"]
    lever: Word
    arguments: dict[str, str | int] = {}


Frame = Typed | Pressed | PressedInView | Submitted | Closed | HomeOpened | Pulled
_READER: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="do")])


def read(text: str) -> Frame:
    """
    Read a frame.

    Raises:
        Malformed: it is no JSON, or no frame of these.

    """
    try:
        return _READER.validate_python(json.loads(text))
    except ValidationError as error:
        raise Malformed(f"This frame cannot be read: {_first(error)}.") from None
    except (ValueError, RecursionError):
        raise Malformed("This frame is no JSON.") from None


def ref_of(text: str) -> int | None:
    """The ref of a frame that may be malformed, so that its sender still gets an answer."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    ref = found.get("ref") if isinstance(found, dict) else None
    return ref if isinstance(ref, int) and not isinstance(ref, bool) else None


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
