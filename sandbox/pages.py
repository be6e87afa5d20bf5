"""The pages people see: plain HTML, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from sandbox.catalogue import Product, Shown, spelled

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
FEW = 20

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/sandbox.css">
<script src="/sandbox.js" defer></script>
</head>
<body>
<main>
{main}
</main>
</body>
</html>
"""

PRODUCT = """<p class="crumb"><a href="/">Pretend shop</a></p>
<h1>{name}</h1>
<p class="variant">{variant}</p>
<p class="price">{price}</p>
<p><span class="badge" data-stock="{level}">{stock}</span>
<span class="age">{age}</span></p>
<p class="sku">SKU {sku}</p>"""


def page(title: str, main: str) -> bytes:
    """A whole page. main: HTML, already escaped."""
    return FRAME.format(title=escape(title), main=main).encode()


def product(
    product: Product, sale: Decimal | None, campaign: str, shown: Shown | None
) -> bytes:
    """The page of one product, as it was at the moment it was rendered."""
    level, stock = _stock(shown)
    main = PRODUCT.format(
        name=escape(product.name),
        variant=escape(product.variant),
        price=_price(product, sale, campaign),
        level=level,
        stock=stock,
        age=f"as of {instant(shown.at)}" if shown else "",
        sku=escape(product.sku),
    )
    return page(product.name, main)


def instant(at: float) -> str:
    """An instant in UTC; a script turns it into an age."""
    moment = datetime.fromtimestamp(at, UTC)
    spelled_out = moment.strftime("%H:%M:%S")
    return f'<time datetime="{moment.isoformat()}">{spelled_out} UTC</time>'


def _price(product: Product, sale: Decimal | None, campaign: str) -> str:
    regular = f"{spelled(product.price)} {product.currency}"
    if sale is None:
        return f"<strong>{regular}</strong>"
    return (
        f"<s>{regular}</s> <strong>{spelled(sale)} {product.currency}</strong> "
        f'<span class="deal">{escape(campaign)}</span>'
    )


def _stock(shown: Shown | None) -> tuple[str, str]:
    """How to show a number of units; unknown is not none."""
    if shown is None:
        return "unknown", "Availability unknown"
    if not shown.units:
        return "out", "Sold out"
    if shown.units <= FEW:
        return "few", f"{shown.units} left"
    return "in", "In stock"
