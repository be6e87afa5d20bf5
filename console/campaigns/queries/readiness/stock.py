"""What stock says about the units a plan asks for."""

from __future__ import annotations

from console import words
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Product,
    Section,
    counted,
)
from console.stock import queries as stock
from console.stock.queries import Coverage

SHOWN = 5


def section(plan: Candidate) -> Section:
    """The stock section."""
    if plan.holds_stock:
        locked = sum(product.units for product in plan.products)
        done = Check("ok", "Units locked for this sale", f"{locked:,}")
        return Section("stock", "Stock", "Locked", (done,))
    rows = stock.coverage([product.want for product in plan.products])
    titles = {product.sku_id: product for product in plan.products}
    short = [row for row in rows if row.short]
    tight = [row for row in rows if row.free == row.wanted]
    worst = [*short, *tight]
    listed = [_check(row, titles[row.sku_id]) for row in worst[:SHOWN]]
    if len(worst) > SHOWN:
        tone, more = "bad" if short else "warn", len(worst) - SHOWN
        listed.append(Check(tone, f"{more:,} more are short or tight"))
    listed.append(_total(rows))
    word = counted(listed, "Covered", f"Covered, {len(tight):,} tight")
    return Section("stock", "Stock", word, tuple(listed))


def _check(row: Coverage, product: Product) -> Check:
    if row.short:
        text = f"{product.title} is {words.count(row.short, 'unit')} short"
        return Check(
            "bad", text, f"{row.wanted:,}", f"{row.free:,}", f"row-{product.line_id}"
        )
    return Check(
        "warn",
        f"{product.title} uses all it has",
        f"{row.wanted:,}",
        "",
        f"row-{product.line_id}",
    )


def _total(rows: list[Coverage]) -> Check:
    wanted, free = sum(r.wanted for r in rows), sum(r.free for r in rows)
    return Check("ok", "Planned of available", f"{wanted:,}", f"{free:,}")
