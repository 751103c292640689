"""
The tables, typed.

Changing one needs a migration in `migrations/versions/`; a test compares the two.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """
    A moment, aware, in UTC.

    SQLite drops the zone of what it stores, so that a local time would come back as
    another moment; a naive one is refused because nobody knows which it is.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn into UTC before it is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Make what was stored aware again."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """All tables; text has no length, because nothing here is cut."""

    type_annotation_map = {str: Text(), datetime: Utc()}  # noqa: RUF012 - SQLAlchemy's name and form


class EntryRow(Table):
    """One line of the ledger."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ledger_at", "at"),
        Index("ledger_rollout", "uid", "revision"),
        Index("ledger_outcome", "outcome"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    channel: Mapped[str]
    verb: Mapped[str]
    cluster: Mapped[str]
    namespace: Mapped[str]
    name: Mapped[str]
    uid: Mapped[str]
    revision: Mapped[str]
    step: Mapped[int | None]
    reason: Mapped[str]
    outcome: Mapped[str]
    detail: Mapped[str]  #: JSON


class ClaimRow(Table):
    """A key that was taken, for ever."""

    __tablename__ = "claims"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PlaceRow(Table):
    """Where the message of a slot stands in Slack."""

    __tablename__ = "places"

    channel: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[str]
    content: Mapped[str]


class ToldRow(Table):
    """What was last told about a rollout."""

    __tablename__ = "told"

    uid: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[str]  #: JSON


class SightingRow(Table):
    """What somebody had before them, behind the short key of a menu."""

    __tablename__ = "sightings"
    __table_args__ = (Index("sightings_created", "created"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[datetime]
    sighting: Mapped[str]  #: JSON


class FindingRow(Table):
    """A finding that was told and is not gone yet."""

    __tablename__ = "findings"

    key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]
    ts: Mapped[str]
    finding: Mapped[str]  #: JSON


class ParcelRow(Table):
    """What was decided to be told and is not in Slack yet."""

    __tablename__ = "parcels"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str]
    slot: Mapped[str]
    is_living: Mapped[bool]
    loud: Mapped[bool]
    lane: Mapped[int]
    message: Mapped[str]  #: JSON


class PromiseRow(Table):
    """A press or command that was acknowledged and is not answered yet."""

    __tablename__ = "promises"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person: Mapped[str]
    channel: Mapped[str]
    thread: Mapped[str]
    verb: Mapped[str]
    what: Mapped[str]
    owner: Mapped[str] = mapped_column(server_default=text("''"))


class ReplicaRow(Table):
    """One of the replicas that share this database, and its last beat."""

    __tablename__ = "replicas"

    id: Mapped[str] = mapped_column(primary_key=True)
    beat: Mapped[int]


class MuteRow(Table):
    """A finding of which nobody wants to hear for a while."""

    __tablename__ = "mutes"

    key: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str]
    by_kind: Mapped[str]
    by_id: Mapped[str]
    by_name: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime]


class MarkRow(Table):
    """A number that only grows."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class SealRow(Table):
    """A key of the seal under buttons, by the name of what it is for."""

    __tablename__ = "seals"

    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]  #: hexadecimal
