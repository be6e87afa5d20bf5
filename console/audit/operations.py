"""The only write of this room: one more link of the chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from console.audit import rules
from console.audit.models import Entry, Head

CHAIN_LOCK = 0x0D00_4B57
"""The advisory lock of the chain; held from here to the end of the transaction."""


@transaction.atomic
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
    """Add one entry to the trail, in the caller's transaction.

    Call it last: it holds the chain's lock until the transaction ends, and whoever
    waits for that lock must not hold what this transaction still wants.
    """
    _take_chain_lock()
    head = Head.objects.filter(pk=1).first() or Head(pk=1, position=0, hash=rules.FIRST)
    entry = _entry(actor, verb, obj, now=now, reason=reason)
    entry.before, entry.after = _stored(before), _stored(after)
    entry.position, entry.previous = head.position + 1, head.hash
    entry.hash = entry.linked()
    entry.save(force_insert=True)
    head.position, head.hash = entry.position, entry.hash
    head.save()
    return entry


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
