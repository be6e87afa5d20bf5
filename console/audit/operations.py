"""The writes of this room: one transaction for each operation, and its audit lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from console.audit import rules
from console.audit.models import Entry, Head

CHAIN_LOCK = 0x0D00_4B57
"""The advisory lock of the chain; held from here to the end of the transaction."""


_waiting: ContextVar[list[Entry] | None] = ContextVar("entries", default=None)
"""What the operation under way has recorded and not yet linked."""


@contextmanager
def operation() -> Iterator[None]:
    """One transaction; what is recorded in it is linked last, right before it ends.

    The chain's lock is held from the first link to the commit, so whoever holds it must
    not want anything else any more. Operations may call operations: the outermost links
    for all of them. Use it as a decorator, in the place of `transaction.atomic`.
    """
    outer = _waiting.get()
    entries: list[Entry] = []
    with transaction.atomic():
        token = _waiting.set(entries)
        try:
            yield
        finally:
            _waiting.reset(token)
        if outer is None:
            _link(entries)
    if outer is not None:
        outer.extend(entries)


def record(
    actor: User | AnonymousUser | AbstractBaseUser | None,
    verb: str,
    obj: models.Model | str,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Entry:
    """Add one entry to the trail when the operation under way ends, else at once."""
    entry = _entry(actor, verb, obj, now=now, reason=reason)
    entry.before, entry.after = _stored(before), _stored(after)
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(entry)
        return entry
    with transaction.atomic():
        _link([entry])
    return entry


def _link(entries: list[Entry]) -> None:
    """Give each entry its place in the chain."""
    if not entries:
        return
    _take_chain_lock()
    head = Head.objects.filter(pk=1).first() or Head(pk=1, position=0, hash=rules.FIRST)
    for entry in entries:
        entry.position, entry.previous = head.position + 1, head.hash
        entry.hash = entry.linked()
        head.position, head.hash = entry.position, entry.hash
    Entry.objects.bulk_create(entries)
    head.save()


def _take_chain_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def _entry(
    actor: User | AnonymousUser | AbstractBaseUser | None,
    verb: str,
    obj: models.Model | str,
    *,
    now: datetime,
    reason: str,
) -> Entry:
    person = actor if actor is not None and actor.is_authenticated else None
    kind, key, label = _named(obj)
    return Entry(
        at=now,
        actor_id=person.pk if person else None,
        actor_name=(_name(person) if person else "")[:150],
        verb=verb,
        object_type=kind,
        object_id=rules.plain(key)[:200],
        object_label=rules.plain(label)[:200],
        reason=rules.plain(reason),
    )


def _named(obj: models.Model | str) -> tuple[str, str, str]:
    if isinstance(obj, str):
        return "", obj, obj
    return obj._meta.label_lower, str(obj.pk), str(obj)


def _name(person: Any) -> str:
    return str(person.get_full_name() or person.get_username())


def _stored(value: Mapping[str, Any] | None) -> Any:
    """The value as the column will give it back."""
    if value is None:
        return None
    return rules.plain(json.loads(json.dumps(value, cls=DjangoJSONEncoder)))
