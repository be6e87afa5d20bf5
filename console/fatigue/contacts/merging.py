"""Writes of the contact history: a file received, merged by a worker, sends noted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Q
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from console.audit.operations import operation, record
from console.fatigue.contacts.reading import Problems, contacts
from console.fatigue.models import Audience, ContactFile, Sending
from console.fatigue.rules import Channel

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TASK = "fatigue.contacts"
SLICE = 200_000
"""Rows merged in one transaction."""
LEASE = timedelta(seconds=120)
State = ContactFile.State

COPY = """
copy fatigue_contactrow (file_id, number, audience_id, customer, channel, day)
from stdin
"""
BOOKS = """
insert into fatigue_contactbook as b
    (audience_id, generation, customers, last, updated_at)
select audience_id, 1, 0, max(day), %(now)s from fatigue_contactrow
where file_id = %(file)s and number >= %(first)s and number < %(end)s
group by audience_id order by audience_id
on conflict (audience_id) do update set generation = b.generation + 1,
    last = greatest(b.last, excluded.last), updated_at = excluded.updated_at
"""
"""Locks the history of each audience, in one order, before any of its rows."""
MERGE = """
with staged as materialized (
    select audience_id, customer, channel, day from fatigue_contactrow
    where file_id = %(file)s and number >= %(first)s and number < %(end)s
), newest as (
    select audience_id, customer, max(day) as last from staged group by 1, 2
), masks as (
    select n.audience_id, n.customer, n.last,
        coalesce(bit_or(1::bigint << (n.last - s.day)) filter (
            where s.channel = 'email' and n.last - s.day < 64), 0) as email,
        coalesce(bit_or(1::bigint << (n.last - s.day)) filter (
            where s.channel = 'push' and n.last - s.day < 64), 0) as push
    from newest n join staged s using (audience_id, customer)
    group by 1, 2, 3
), merged as (
    insert into fatigue_contact as c (audience_id, customer, last, email, push)
    select audience_id, customer, last, email, push from masks order by 1, 2
    on conflict (audience_id, customer) do update set
        last = greatest(c.last, excluded.last),
        email = ((c.email::bit(64) << greatest(excluded.last - c.last, 0))
            | (excluded.email::bit(64) << greatest(c.last - excluded.last, 0))
            )::bigint,
        push = ((c.push::bit(64) << greatest(excluded.last - c.last, 0))
            | (excluded.push::bit(64) << greatest(c.last - excluded.last, 0)))::bigint
    returning audience_id, (xmax = 0) as is_new
)
update fatigue_contactbook b set customers = b.customers + found.count
from (select audience_id, count(*) filter (where is_new) as count
    from merged group by 1) found
where b.audience_id = found.audience_id
"""


def ring() -> None:
    """Call a worker; where nobody hears it, the next bell finds the file."""
    try:
        current_app.send_task(TASK, retry=False)
    except (OperationalError, RedisError, OSError):
        return


@operation()
def receive(
    file: UploadedFile[Any], *, actor: User | None, now: datetime
) -> ContactFile:
    """Stage the rows of a file by COPY and have them merged; the same file comes once.

    Raises:
        WrongContacts: it cannot be read as contacts at all; nothing is kept.
    """
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    kept, new = ContactFile.objects.get_or_create(
        sha256=digest.hexdigest(),
        defaults={"name": str(file.name)[:200], "by": actor, "created_at": now},
    )
    if not new:
        return kept
    file.seek(0)
    problems = Problems()
    kept.total = _stage(kept.pk, file.chunks(), problems, now)
    kept.failed, kept.errors = problems.count, problems.first
    kept.save(update_fields=["total", "failed", "errors"])
    after = {"file": kept.name, "rows": kept.total, "left out": kept.failed}
    record(actor, "fatigue.receive_contacts", kept, now=now, after=after)
    transaction.on_commit(ring)
    return kept


def _stage(
    file_id: int, chunks: Iterable[bytes], problems: Problems, now: datetime
) -> int:
    audiences: dict[str, int] = {}
    for key, slug, name in Audience.objects.values_list("pk", "slug", "name"):
        audiences |= {slug: key, name.lower(): key}
    rows = contacts(chunks, audiences, problems, today=now.date() + timedelta(days=1))
    count = 0
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        for row in rows:
            out.write_row((file_id, count, *row))
            count += 1
    return count


def claim(*, now: datetime) -> ContactFile | None:
    """Take the oldest file that nobody works on, for a while."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        files = ContactFile.objects.filter(free, state=State.MERGING).order_by("pk")
        found = files.select_for_update(skip_locked=True).first()
        if found is not None:
            found.lease_until = now + LEASE
            found.save(update_fields=["lease_until"])
    return found


@operation()
def merge(file_id: int, *, now: datetime) -> bool:
    """Merge the next slice of a file; True while there is more.

    A slice merged twice is merged once: a day is a bit. After the last one the rows are
    forgotten.
    """
    file = ContactFile.objects.select_for_update().get(pk=file_id)
    if file.state == State.DONE:
        return False
    end = min(file.merged + SLICE, file.total)
    said: dict[str, int | datetime] = {
        "file": file.pk,
        "first": file.merged,
        "end": end,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(BOOKS, said)
        cursor.execute(MERGE, said)
    file.merged, file.lease_until = end, now + LEASE
    if file.merged == file.total:
        file.state, file.lease_until, file.finished_at = State.DONE, None, now
        file.rows.all().delete()
    file.save(update_fields=["merged", "lease_until", "state", "finished_at"])
    return file.state == State.MERGING


@operation()
def note_sends(
    audience_id: int,
    campaign: str,
    sent: Iterable[tuple[int, Channel, Decimal]],
) -> None:
    """Keep what a sale sent: day since 1970, channel, share. Noted twice is once."""
    Sending.objects.bulk_create(
        (
            Sending(
                audience_id=audience_id,
                campaign=campaign,
                channel=channel,
                day=day,
                share=share,
            )
            for day, channel, share in sent
        ),
        ignore_conflicts=True,
    )
