"""What makes a product fit for a sale: enough of its variants, enough units."""

from __future__ import annotations

from dataclasses import dataclass

VARIANTS = "variants"
LEAST_UNITS = "least_units"


@dataclass(frozen=True)
class Cover:
    """A product: how many of its variants are in the sale, and how many there are."""

    name: str
    chosen: int
    variants: int


def thin(cover: Cover, *, percent: int) -> str:
    """What to say where too few variants are in the sale, else an empty text.

    percent: at least so many of a hundred; exactly so many are enough. A product of
    one variant is in the sale as a whole.
    """
    if cover.variants < 2 or 100 * cover.chosen >= percent * cover.variants:
        return ""
    verb = "is" if cover.chosen == 1 else "are"
    return (
        f"{cover.name}: {cover.chosen:,} of {cover.variants:,} variants {verb} in the"
        f" sale (rule {VARIANTS}: at least {percent}%)"
    )


def scarce(title: str, sellable: int, *, least: int) -> str:
    """What to say where fewer than `least` units can be sold, else an empty text."""
    if sellable >= least:
        return ""
    units = "unit" if sellable == 1 else "units"
    rule = f"(rule {LEAST_UNITS}: at least {least:,})"
    return f"{title}: {sellable:,} {units} to sell {rule}"
