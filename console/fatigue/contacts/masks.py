"""The fast path: the masks of an audience as a file of two columns, read from memory.

PostgreSQL holds the truth. A file is whole or not there: it is written beside, synced
and renamed. It names the generation of the history it was made from; another one, a
short file or a strange one is not used.
"""

from __future__ import annotations

import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection

from console.fatigue.models import ContactBook
from console.fatigue.rules.contacts import Masks

MAGIC = b"DBMASK01"
HEADER = struct.Struct("<8sqqqq24x")
BLOCKS = 8_192
"""Blocks of the table read together: 64 MB."""
ALIGNED = """(case when %(anchor)s::int >= last
    then COLUMN::bit(64) << (%(anchor)s::int - last)
    else COLUMN::bit(64) >> (last - %(anchor)s::int) end)"""
"""A mask as of another day than its own `last`."""
EMAIL, PUSH = ALIGNED.replace("COLUMN", "email"), ALIGNED.replace("COLUMN", "push")
ROWS = """
select string_agg(int8send(EMAIL::bigint) || int8send(PUSH::bigint), ''::bytea)
from fatigue_contact where audience_id = %(audience)s
    and ctid >= %(first)s::tid and ctid < %(end)s::tid
""".replace("EMAIL", EMAIL).replace("PUSH", PUSH)
SIZE = """
select pg_relation_size('fatigue_contact')
    / current_setting('block_size')::bigint
"""


@dataclass(frozen=True)
class Columns:
    """The masks of every customer of an audience: bit n is n days before the anchor."""

    anchor: int
    email: Masks
    push: Masks


def place(audience_id: int) -> Path:
    """Where the file of an audience is."""
    return Path(settings.DATA_DIR) / "contacts" / f"{audience_id}.masks"


def read(book: ContactBook) -> Columns | None:
    """The masks of this very generation; None without a whole file of it."""
    path = place(book.audience_id)
    try:
        with path.open("rb") as file:
            head = file.read(HEADER.size)
            size = os.fstat(file.fileno()).st_size
            if len(head) < HEADER.size:
                return None
            magic, audience, generation, anchor, count = HEADER.unpack(head)
            ours = (magic, audience, generation) == (
                MAGIC,
                book.audience_id,
                book.generation,
            )
            if not ours or size != HEADER.size + 16 * count:
                return None
            if not count:
                none = np.zeros(0, dtype=np.uint64)
                return Columns(anchor, none, none)
            shape = (2, count)
            both = np.memmap(file, np.uint64, "r", HEADER.size, shape)
    except OSError:
        return None
    return Columns(anchor, both[0], both[1])


def rebuild(audience_id: int) -> bool:
    """Write the file anew from the history; False if it changed meanwhile.

    Every change of a contact counts the generation up in the same transaction, so rows
    read between two equal generations are all of that one.
    """
    book = ContactBook.objects.get(pk=audience_id)
    path = place(audience_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    both = _columns(audience_id, book.last)
    if ContactBook.objects.get(pk=audience_id).generation != book.generation:
        return False
    head = HEADER.pack(MAGIC, audience_id, book.generation, book.last, both.shape[1])
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            both.tofile(file)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return True


def _columns(audience_id: int, anchor: int) -> Masks:
    """Both masks of each customer as of the anchor, read range by range of blocks."""
    parts = [np.zeros((0, 2), dtype=np.uint64)]
    with connection.cursor() as cursor:
        cursor.execute(SIZE)
        blocks = int(cursor.fetchone()[0])
        for first in range(0, blocks, BLOCKS):
            ends = {"first": f"({first},0)", "end": f"({first + BLOCKS},0)"}
            said: dict[str, int | str] = {
                "anchor": anchor,
                "audience": audience_id,
                **ends,
            }
            cursor.execute(ROWS, said)
            packed = cursor.fetchone()[0] or b""
            pairs = np.frombuffer(packed, dtype=">u8").reshape(-1, 2)
            parts.append(pairs.astype(np.uint64))
    return np.ascontiguousarray(np.concatenate(parts).T)


def stale() -> list[int]:
    """Audiences whose file is not of the present generation."""
    return [one.pk for one in ContactBook.objects.order_by("pk") if read(one) is None]
