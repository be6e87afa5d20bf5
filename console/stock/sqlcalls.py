"""How the database functions of stock are called: their SQL and their arguments.

Arguments are whole columns, spelled as PostgreSQL array literals: joining strings is an
order of magnitude cheaper than adapting lists element by element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from console.stock.rules import Claim, Item

RESERVE = (
    "SELECT place, outcome, expires, sku, remaining FROM stock_reserve("
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
        _plain([one.id for one in claims]),
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
