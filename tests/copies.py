"""Very many rows like one that Django made, by one statement of the database."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def copy(row: Model, each: str, **columns: str) -> None:
    """Write one more row like this for each row of `each`.

    each: what stands after FROM, `generate_series(1, 9) n` or a table with its WHERE.
    columns: what is another in each copy, as SQL. The key is counted on, generated
    columns are computed.
    """
    fields = [
        f for f in row._meta.concrete_fields if not (f.primary_key or f.generated)
    ]
    named = [connection.ops.quote_name(field.column) for field in fields]
    told = [columns.get(f.column, "%s") for f in fields]
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in fields
        if field.column not in columns
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {connection.ops.quote_name(row._meta.db_table)}"
            f" ({', '.join(named)}) select {', '.join(told)} from {each}",
            values,
        )
