"""The parts of the evidence: what is known, and what was computed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from console.prices.rules.claims import Claim, UpTo
from console.prices.rules.evidence.facts import (
    LineFacts,
    Row,
    SaleFacts,
    plain_run,
    spelled,
    stamp,
)
from console.prices.rules.history import (
    Clock,
    Point,
    Stretch,
    lowest,
    usual_price,
    window_start,
)
from console.prices.rules.packs import (
    Facts,
    Judgement,
    Pack,
    Ruling,
    judge,
    strictest,
)
from console.prices.rules.packs import reached as reach_of

Part = tuple[str, Any]
Histories = Mapping[str, Sequence[Row]]


def parts(sale: SaleFacts, histories: Histories) -> Iterator[Part]:
    """Name and content of each part, in the order of the file.

    Computed from the values as the file will give them back.
    """
    sale = sale.as_written()
    histories = {
        sku: [Row.read(row.plain()) for row in rows] for sku, rows in histories.items()
    }
    yield "sale", sale.plain()
    yield "packs", plain_packs(sale)
    skus = {line.sku for line in sale.lines}
    yield "other sales", [plain_run(run, skus) for run in sale.others]
    reach = reached(sale, histories)
    for line in sale.lines:
        rows = histories.get(line.sku, ())
        yield f"line {line.sku}", line_part(sale, line, rows, reach)
    yield "approvals", [dict(one) for one in sale.approvals]
    if sale.scarcity:
        yield "scarcity", [one.plain() for one in sale.scarcity]


def chosen(sale: SaleFacts) -> list[Pack]:
    """The packs in force at the opening, or as named, with their options."""
    return [law.at(sale.opens_at, sale.zone) for law in sale.packs]


def reached(sale: SaleFacts, histories: Histories) -> list[UpTo | None]:
    """How many lines reach what an "up to" claim names, by each pack.

    None where the sale makes no such claim.
    """
    laws, percent = chosen(sale), sale.up_to
    if percent is None:
        return [None for _ in laws]
    known = {line.sku: histories.get(line.sku, ()) for line in sale.lines}
    claims = {one.sku: _claim(sale, one, known[one.sku]).percent for one in sale.lines}
    return [
        reach_of(
            law,
            percent,
            {one.sku: _judged(law, _facts(sale, one, known[one.sku], clock))
             for one in sale.lines},
            claims,
        )
        for law, clock in zip(laws, sale.begins, strict=True)
    ]  # fmt: skip


def line_part(
    sale: SaleFacts, line: LineFacts, rows: Sequence[Row], reach: Sequence[UpTo | None]
) -> dict[str, Any]:
    """One line: its history, the 30-day low, the claim, and what each pack says.

    reach: of each pack, as `reached` gives it. The low is the lowest of all markets.
    """
    claim = _claim(sale, line, rows)
    first = sale.first
    main = _points(sale, rows, first)[""]
    usual = usual_price(main, first.at, first.zone)
    starts = [window_start(one.at, one.zone) for one in sale.windows]
    return _net(sale, rows) | {
        "offer": line.plain(),
        "history": [row.plain() for row in rows],
        "window_from": stamp(min(starts)),
        "window_to": stamp(max(one.at for one in sale.windows)),
        "prior": None if claim.prior is None else spelled(claim.prior),
        "usual": None if usual is None else spelled(usual),
        "claim": claim.percent,
        "badge": claim.badge,
        "lowest": claim.lowest,
        "judgements": [
            _judgement(_judged(law, _facts(sale, line, rows, clock, up_to=one)))
            for law, clock, one in zip(chosen(sale), sale.begins, reach, strict=True)
        ],
    }


def _judged(law: Pack, facts: Sequence[Facts]) -> Judgement:
    """The strictest of all channels."""
    return strictest(*(judge(law, one) for one in facts))


def _low(sale: SaleFacts, rows: Sequence[Row]) -> Stretch | None:
    """What sets the 30-day low: the lowest of all markets and channels."""
    lows = (
        lowest(points, one.at, one.zone)
        for one in sale.windows
        for points in _points(sale, rows, one).values()
    )
    return min((one for one in lows if one), key=attrgetter("amount"), default=None)


def _net(sale: SaleFacts, rows: Sequence[Row]) -> dict[str, str]:
    """The 30-day low without tax, of the row that set it; nothing where unknown."""
    low = _low(sale, rows)
    return {"prior_net": spelled(low.net)} if low and low.net is not None else {}


def _points(
    sale: SaleFacts, rows: Sequence[Row], clock: Clock
) -> dict[str, list[Point]]:
    """By channel the history where a sale begins, without its own in markets before."""
    later = clock.at > sale.opens_at
    found: dict[str, list[Point]] = {"": []}
    for row in rows:
        if not (later and row.campaign == sale.code):
            found.setdefault(row.channel, []).append(row.point())
    return found


def _claim(sale: SaleFacts, line: LineFacts, rows: Sequence[Row]) -> Claim:
    low = _low(sale, rows)
    return Claim(low.amount if low else None, line.sale, sale.currency)


def _facts(
    sale: SaleFacts,
    line: LineFacts,
    rows: Sequence[Row],
    clock: Clock,
    *,
    up_to: UpTo | None = None,
) -> list[Facts]:
    """A line in each channel that has a history of it."""
    found = _points(sale, rows, clock)
    told = [points for points in found.values() if points] or [[]]
    return [
        Facts(
            line.sku,
            line.sale,
            sale.currency,
            clock.at,
            clock.zone,
            points,
            on_market_since=line.on_market_since,
            perishable=line.perishable,
            personal=line.personal,
            conditional=line.conditional,
            members=line.members,
            countdown=sale.countdown,
            end_moved=sale.end_moved,
            up_to=up_to,
            run=sale.run(line),
            others=sale.others,
        )
        for points in told
    ]


def plain_packs(sale: SaleFacts) -> list[dict[str, Any]]:
    """The packs, each with where the sale begins by it where that is not the first."""
    pairs = zip(chosen(sale), sale.begins, strict=True)
    return [plain_pack(pack) | _elsewhere(sale, clock) for pack, clock in pairs]


def _elsewhere(sale: SaleFacts, clock: Clock) -> dict[str, str]:
    same = clock == sale.first
    return {} if same else {"opens_at": stamp(clock.at), "zone": clock.zone}


def read_clock(said: Mapping[str, Any], sale: Mapping[str, Any]) -> Clock:
    """Where a sale begins by a pack. said, sale: of the pack and the sale in a file."""
    at = datetime.fromisoformat(said.get("opens_at", sale["opens_at"]))
    return Clock(at, said.get("zone", sale["zone"]))


def plain_pack(one: Pack) -> dict[str, Any]:
    """A pack as the file holds it, with the words of its rules."""
    return {
        "id": one.id,
        "version": one.version,
        "hash": one.hash,
        "options": list(one.options),
        "checked_on": one.checked_on.isoformat(),
        "rules": [
            {"id": rule.id, "text": rule.text, "source": rule.source}
            for rule in one.rules
            if rule.adopted
        ],
    }


def _judgement(found: Judgement) -> dict[str, Any]:
    return {
        "pack": str(found.pack),
        "blocked": found.blocked,
        "claim": found.claim.percent if found.claim else None,
        "rulings": [_ruling(one) for one in found.rulings],
    }


def _ruling(one: Ruling) -> dict[str, Any]:
    return {
        "rule": one.rule.id,
        "outcome": str(one.outcome),
        "said": one.said,
        "evidence": dict(one.evidence),
        "disclose": one.disclose,
    }
