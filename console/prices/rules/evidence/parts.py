"""The parts of the evidence: what is known, and what was computed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
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
    Point,
    lowest,
    prior_price,
    usual_price,
    window_start,
)
from console.prices.rules.packs import (
    Facts,
    Judgement,
    Pack,
    Ruling,
    judge,
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
    yield "packs", [plain_pack(one) for one in chosen(sale)]
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
    known = {line.sku: _points(histories.get(line.sku, ())) for line in sale.lines}
    claims = {one.sku: _claim(sale, one, known[one.sku]).percent for one in sale.lines}
    facts = [_facts(sale, one, known[one.sku]) for one in sale.lines]
    return [
        reach_of(law, percent, {one.sku: judge(law, one) for one in facts}, claims)
        for law in laws
    ]


def line_part(
    sale: SaleFacts, line: LineFacts, rows: Sequence[Row], reach: Sequence[UpTo | None]
) -> dict[str, Any]:
    """One line: its history, the 30-day low, the claim, and what each pack says.

    reach: of each pack, as `reached` gives it.
    """
    points = _points(rows)
    claim = _claim(sale, line, points)
    usual = usual_price(points, sale.opens_at, sale.zone)
    facts = _facts(sale, line, points)
    return _net(sale, points) | {
        "offer": line.plain(),
        "history": [row.plain() for row in rows],
        "window_from": stamp(window_start(sale.opens_at, sale.zone)),
        "window_to": stamp(sale.opens_at),
        "prior": None if claim.prior is None else spelled(claim.prior),
        "usual": None if usual is None else spelled(usual),
        "claim": claim.percent,
        "badge": claim.badge,
        "lowest": claim.lowest,
        "judgements": [
            _judgement(judge(law, replace(facts, up_to=one)))
            for law, one in zip(chosen(sale), reach, strict=True)
        ],
    }


def _net(sale: SaleFacts, points: Sequence[Point]) -> dict[str, str]:
    """The 30-day low without tax, of the row that set it; nothing where unknown."""
    low = lowest(points, sale.opens_at, sale.zone)
    return {"prior_net": spelled(low.net)} if low and low.net is not None else {}


def _points(rows: Sequence[Row]) -> list[Point]:
    return [row.point() for row in rows]


def _claim(sale: SaleFacts, line: LineFacts, points: Sequence[Point]) -> Claim:
    prior = prior_price(points, sale.opens_at, sale.zone)
    return Claim(prior, line.sale, sale.currency)


def _facts(sale: SaleFacts, line: LineFacts, points: Sequence[Point]) -> Facts:
    return Facts(
        line.sku,
        line.sale,
        sale.currency,
        sale.opens_at,
        sale.zone,
        points,
        on_market_since=line.on_market_since,
        perishable=line.perishable,
        personal=line.personal,
        conditional=line.conditional,
        members=line.members,
        countdown=sale.countdown,
        end_moved=sale.end_moved,
        run=sale.run(line),
        others=sale.others,
    )


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
