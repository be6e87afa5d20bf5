"""The parts of the evidence: what is known, and what was computed from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from console.prices.rules.claims import UP_TO_SHARE, Claim, UpTo, up_to
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
    prior_price,
    usual_price,
    window_start,
)
from console.prices.rules.packs import Facts, Judgement, Pack, Ruling, judge, pack

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
    found = []
    for key, options in sale.packs.items():
        name, _, version = key.partition(":")
        one = pack(name, version=int(version or 0), on=sale.opens_at.date())
        found.append(one.with_options(*options))
    return found


def reached(sale: SaleFacts, histories: Histories) -> UpTo | None:
    """How many lines reach what an "up to" claim names, if there is one."""
    if sale.up_to is None:
        return None
    claims = {
        line.sku: _claim(sale, line, _points(histories.get(line.sku, ()))).percent
        for line in sale.lines
    }
    return up_to(claims, sale.up_to, UP_TO_SHARE)


def line_part(
    sale: SaleFacts, line: LineFacts, rows: Sequence[Row], reach: UpTo | None
) -> dict[str, Any]:
    """One line: its history, the 30-day low, the claim, and what each pack says."""
    points = _points(rows)
    claim = _claim(sale, line, points)
    usual = usual_price(points, sale.opens_at, sale.zone)
    facts = _facts(sale, line, points, reach)
    return {
        "offer": line.plain(),
        "history": [row.plain() for row in rows],
        "window_from": stamp(window_start(sale.opens_at, sale.zone)),
        "window_to": stamp(sale.opens_at),
        "prior": None if claim.prior is None else spelled(claim.prior),
        "usual": None if usual is None else spelled(usual),
        "claim": claim.percent,
        "badge": claim.badge,
        "lowest": claim.lowest,
        "judgements": [_judgement(judge(one, facts)) for one in chosen(sale)],
    }


def _points(rows: Sequence[Row]) -> list[Point]:
    return [row.point() for row in rows]


def _claim(sale: SaleFacts, line: LineFacts, points: Sequence[Point]) -> Claim:
    prior = prior_price(points, sale.opens_at, sale.zone)
    return Claim(prior, line.sale, sale.currency)


def _facts(
    sale: SaleFacts, line: LineFacts, points: Sequence[Point], reach: UpTo | None
) -> Facts:
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
        countdown=sale.countdown,
        end_moved=sale.end_moved,
        up_to=reach,
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
