"""How the database functions of stock are called: their SQL and their arguments.

Arguments are whole columns, spelled as PostgreSQL array literals: joining strings is an
order of magnitude cheaper than adapting lists element by element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from console.stock.rules import Claim, Item, Join

RESERVE = (
    "SELECT place, outcome, ends, sku, remaining, promise, id FROM stock_reserve("
    "%s::text[], %s::text[], %s::int[], %s::uuid[], %s::int[], %s::text[], %s::text[],"
    " %s::bytea[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[],"
    " %s::timestamptz)"
)
CONFIRM = (
    "SELECT place, outcome, short FROM stock_confirm("
    "%s::uuid[], %s::text[], %s::text[], %s::timestamptz)"
)
RELEASE = (
    "SELECT place, outcome, state FROM stock_release("
    "%s::uuid[], %s::text[], %s::timestamptz)"
)
WAIT = (
    "SELECT place, outcome, state, ahead, offered, expires, known, remaining"
    " FROM stock_wait(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[],"
    " %s::text[], %s::text[], %s::int[], %s::timestamptz)"
)
LEAVE = (
    "SELECT place, outcome, state FROM stock_leave("
    "%s::uuid[], %s::text[], %s::timestamptz)"
)
WAITER = """
SELECT w.client, a.campaign, k.code, w.buyer, w.units,
       x.state, x.ahead, x.offered, x.expires
FROM stock_waiter w JOIN stock_allocation a ON a.id = w.allocation_id
JOIN stock_sku k ON k.id = a.sku_id
JOIN stock_waiter_now(ARRAY[%s::uuid], coalesce(%s, clock_timestamp())) x ON x.id = w.id
WHERE w.id = %s
"""
WAITERS_END = "SELECT stock_waiters_end(NULL, NULL, %s::timestamptz)"
WAITERS_PASS = "SELECT stock_waiters_pass(%s::timestamptz)"
OFFER = "SELECT stock_offer(%s::timestamptz, %s, %s)"
RING = (
    "INSERT INTO stock_offerbell AS bell (id, at) VALUES (1, %s)"
    " ON CONFLICT (id) DO UPDATE SET at = greatest(bell.at, excluded.at)"
)
SCARCITY = (
    "SELECT state, allocation, units, at, until FROM stock_scarcity("
    "%s, %s, %s::text[], %s, %s::timestamptz)"
)
SWEEP = "SELECT stock_sweep(%s::timestamptz, %s)"
RECLAIM_ALL = "SELECT stock_reclaim(%s::bigint[], NULL, %s::timestamptz)"


def reserve_values(claims: Sequence[Claim], now: datetime | None) -> list[object]:
    """The arguments of RESERVE; now None is the database's clock.

    Lines of one SKU are summed here; the function's table refuses two of them.
    """
    campaigns: dict[str, int] = {}
    skus: dict[tuple[int, str], int] = {}
    places, lines = [], []
    for of, one in enumerate(claims, 1):
        place = campaigns.setdefault(one.campaign, len(campaigns) + 1)
        places.append(place)
        for code, units in one.lines if len(one.lines) == 1 else _summed(one.lines):
            sku = skus.setdefault((place, code), len(skus) + 1)
            lines.append((of, sku, units))
    return [
        _texts(list(campaigns)),
        _texts([code for _, code in skus]),
        _numbers([place for place, _ in skus]),
        _plain([one.digest for one in claims]),
        _numbers(places),
        _texts([one.client for one in claims]),
        _texts([one.key for one in claims]),
        _plain([f'"\\\\x{one.hash}"' for one in claims]),
        _texts([one.buyer for one in claims]),
        _numbers([one.ttl_s for one in claims]),
        *(_numbers(column) for column in zip(*lines, strict=True)),
        now,
    ]


def _summed(lines: Sequence[Item]) -> Iterable[tuple[str, int]]:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku_code] = units.get(line.sku_code, 0) + line.units
    return units.items()


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


def wait_values(joins: Sequence[Join], now: datetime | None) -> list[object]:
    """The arguments of WAIT."""
    return [
        _plain([one.id for one in joins]),
        _texts([one.client for one in joins]),
        _texts([one.key for one in joins]),
        _plain([f'"\\\\x{one.hash}"' for one in joins]),
        _texts([one.campaign for one in joins]),
        _texts([one.sku_code for one in joins]),
        _texts([one.buyer for one in joins]),
        _numbers([one.units for one in joins]),
        now,
    ]


def _plain(values: Sequence[str]) -> str:
    return "{" + ",".join(values) + "}"


def _numbers(values: Sequence[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


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
