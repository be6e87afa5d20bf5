"""How the database functions of stock are called: their SQL and their arguments.

Arguments are whole columns, spelled as PostgreSQL array literals: joining strings is an
order of magnitude cheaper than adapting lists element by element.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from console.stock.rules import Claim

RESERVE = (
    "SELECT place, outcome, expires, sku, remaining FROM stock_reserve("
    "%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], "
    "%s::int[], %s::int[], %s::text[], %s::int[], %s::timestamptz)"
)
CONFIRM = (
    "SELECT place, outcome, short FROM stock_confirm("
    "%s::uuid[], %s::text[], %s::text[], %s::timestamptz)"
)
RELEASE = (
    "SELECT place, outcome, state FROM stock_release("
    "%s::uuid[], %s::text[], %s::timestamptz)"
)
SWEEP = "SELECT stock_sweep(%s::timestamptz)"


def reserve_values(claims: Sequence[Claim], now: datetime | None) -> list[object]:
    """The arguments of RESERVE; now None is the database's clock."""
    lines = [(place, x) for place, one in enumerate(claims, 1) for x in one.lines]
    return [
        _plain([one.id for one in claims]),
        _texts([one.client for one in claims]),
        _texts([one.key for one in claims]),
        _plain([f'"\\\\x{one.hash}"' for one in claims]),
        _texts([one.campaign for one in claims]),
        _texts([one.buyer for one in claims]),
        _plain([str(one.ttl_s) for one in claims]),
        _plain([str(place) for place, _ in lines]),
        _texts([line.sku_code for _, line in lines]),
        _plain([str(line.units) for _, line in lines]),
        now,
    ]


def confirm_values(
    paid: Sequence[tuple[UUID, str | None, str]], now: datetime | None
) -> list[object]:
    """The arguments of CONFIRM: id, client (None is any) and order of each."""
    return [
        _plain([str(one[0]) for one in paid]),
        _texts([one[1] for one in paid]),
        _texts([one[2] for one in paid]),
        now,
    ]


def release_values(
    ended: Sequence[tuple[UUID, str | None]], now: datetime | None
) -> list[object]:
    """The arguments of RELEASE: id and client (None is any) of each."""
    ids = _plain([str(one[0]) for one in ended])
    return [ids, _texts([one[1] for one in ended]), now]


def _plain(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"


def _texts(values: Sequence[str | None]) -> str:
    """Quoted; the whole column at once where nothing has to be escaped."""
    if None not in values:
        joined = '","'.join(values)  # type: ignore[arg-type]
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join([_text(value) for value in values]) + "}"


def _text(value: str | None) -> str:
    if value is None:
        return "NULL"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
