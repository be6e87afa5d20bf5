"""What a feed sends: movements and a watermark, read from the body and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from console.stock.rules.feeds import (
    AHEAD,
    MOST_MOVEMENTS,
    MOST_UNITS,
    OLDEST,
    BadFeed,
    MovementKind,
)


class Told(BaseModel):
    """One movement as sent. at: when it happened; location: blank if the feed's own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=100)]
    kind: MovementKind
    sku: Annotated[str, Field(min_length=1, max_length=64)]
    location: Annotated[str, Field(max_length=100)] = ""
    units: Annotated[int, Field(strict=True, ge=0, le=MOST_UNITS)]
    at: AwareDatetime

    @field_validator("id", "sku", "location")
    @classmethod
    def printable(cls, text: str) -> str:
        """Text without control characters, as given."""
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
            raise ValueError("it has control characters")
        return text

    @field_validator("at", mode="before")
    @classmethod
    def said_as_text(cls, at: Any) -> Any:
        """A number could be seconds or milliseconds: only text says which."""
        if not isinstance(at, str | datetime):
            raise ValueError("write it as 2026-11-27T19:00:00Z")
        return at


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    watermark: AwareDatetime | None = None
    movements: list[Any] = []


@dataclass(frozen=True)
class Unread:
    """A movement nobody can keep. id: as far as it could be read."""

    id: str
    code: str
    message: str


@dataclass(frozen=True)
class Body:
    """What one message says, movement by movement in its order."""

    movements: Sequence[Told | Unread]
    watermark: datetime | None = None


def read(body: bytes, *, now: datetime) -> Body:
    """What a message says; a movement that cannot be, spoils no other.

    Raises:
        BadFeed: not JSON, not an object, too many movements, or nothing at all.
    """
    try:
        found = _Body.model_validate_json(body)
    except ValidationError as error:
        raise BadFeed(_first(error, "body"), code="bad_feed") from None
    if len(found.movements) > MOST_MOVEMENTS:
        raise BadFeed(
            f"A message has at most {MOST_MOVEMENTS:,} movements: send several.",
            code="too_many_movements",
            field="movements",
        )
    if not found.movements and found.watermark is None:
        raise BadFeed("Send movements, a watermark, or both.", field="movements")
    if found.watermark is not None:
        _check_watermark(found.watermark, now)
    return Body([_told(one, now) for one in found.movements], found.watermark)


def _check_watermark(at: datetime, now: datetime) -> None:
    told = ""
    if at > now + AHEAD:
        told = "The watermark is in the future. Check the clock of the sender."
    elif at < now - OLDEST:
        told = f"The watermark is older than {OLDEST.days} days. Send a later one."
    if told:
        raise BadFeed(told, code="bad_time", field="watermark")


def _told(one: Any, now: datetime) -> Told | Unread:
    name = one.get("id") if isinstance(one, dict) else None
    name = name[:100] if isinstance(name, str) else ""
    try:
        told = Told.model_validate(one)
    except ValidationError as error:
        of_units = error.errors(include_input=False)[0]["loc"] == ("units",)
        said = _range(one["kind"]) if of_units else _first(error, "movement")
        return Unread(name, "bad_movement", said)
    return _unfit(told, now) or told


def _unfit(told: Told, now: datetime) -> Unread | None:
    if told.units == 0 and told.kind != MovementKind.COUNTED:
        return Unread(told.id, "bad_movement", _range(told.kind))
    if told.at > now + AHEAD:
        text = "at: it is in the future. Check the clock of the sender."
        return Unread(told.id, "bad_time", text)
    if told.at < now - OLDEST:
        text = f"at: it is older than {OLDEST.days} days. Count the shelf instead."
        return Unread(told.id, "bad_time", text)
    return None


def _range(kind: str) -> str:
    least = 0 if kind == MovementKind.COUNTED else 1
    return f"units must be a whole number, {least} to {MOST_UNITS:,}, for {kind}."


def _first(error: ValidationError, of: str) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or of
    return f"{place}: {first['msg']}."
