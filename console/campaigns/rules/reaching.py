"""Whom to reach while a sale runs: somebody on call, and contacts in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from console.errors import Refusal

MOST_CONTACTS = 12
LONGEST = {"name": 80, "role": 80, "reach": 120}


class NobodyToReach(Refusal):
    """A sale that runs by itself needs people to call."""

    code = "nobody_to_reach"


class BadContact(Refusal):
    """A contact, or an address, that cannot be used."""

    code = "bad_contact"
    status = 422


@dataclass(frozen=True)
class Contact:
    """One person to call. reach: a number, an address, a channel."""

    name: str
    role: str
    reach: str

    def spelled(self) -> dict[str, str]:
        """The same, JSON-safe."""
        return {"name": self.name, "role": self.role, "reach": self.reach}


def check_contacts(contacts: Sequence[Contact], *, holds: bool) -> None:
    """Refuse contacts nobody can be reached by. holds: the sale is armed or running.

    Raises:
        BadContact: one lacks a name or a way to reach it, is no line of text, or there
            are too many.
        NobodyToReach: an armed sale would have none.
    """
    for one in contacts:
        if not (one.name.strip() and one.reach.strip()):
            raise BadContact(
                "Each contact needs a name and how to reach it.", field="reach"
            )
        _check_text(one)
    if len(contacts) > MOST_CONTACTS:
        raise BadContact(f"At most {MOST_CONTACTS} contacts, in order.", field="name")
    if holds and not contacts:
        raise NobodyToReach("The sale is armed: leave at least one contact.")


def _check_text(one: Contact) -> None:
    for name, longest in LONGEST.items():
        text = getattr(one, name)
        if len(text) > longest or any(ord(one) < 32 for one in text):
            raise BadContact(
                f"The {name} of a contact is one line of at most {longest} characters.",
                field=name,
            )


def check_war_room(url: str) -> str:
    """The address of the war room, trimmed; empty is allowed.

    Raises:
        BadContact: it is not an https address of a host.
    """
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise BadContact(
            "The war room must be an address that begins with https://.",
            field="war_room",
        )
    return url


def missing(*, on_call: bool, contacts: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a sale lacks before it may be armed; an owner it always has."""
    told = [] if on_call else ["Nobody is on call: choose who in the plan"]
    if not contacts:
        told.append("Nobody to reach: add at least one contact on People")
    return told


def check_reachable(*, on_call: bool, contacts: Sequence[Mapping[str, Any]]) -> None:
    """Refuse to arm a sale that nobody looks after.

    Raises:
        NobodyToReach: what is missing, in one sentence.
    """
    if told := missing(on_call=on_call, contacts=contacts):
        raise NobodyToReach(". ".join(told) + ".")
