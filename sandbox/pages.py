"""The pages people see: plain HTML, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from urllib.parse import quote

from sandbox.catalogue import Product, Shown, spelled
from sandbox.notices import Notice
from sandbox.router import Handler, Reply, Request, Router

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
GUARDS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), *GUARDS]
FILES = {
    name: (Path(__file__).parent / "static" / name).read_bytes()
    for name in ("sandbox.css", "sandbox.js")
}
TYPES = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8"}
FEW = 20

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sandbox.css">
<script src="/sandbox.js" defer></script>
</head>
<body>
<main{live}>
{main}
</main>
</body>
</html>
"""

PRODUCT = """<p class="crumb"><a href="/">Pretend world</a></p>
<section class="product">
<h1>{name}</h1>
<p class="variant">{variant}</p>
<p class="price">{price}</p>
<p>{stock}</p>
{line}<p class="sku">SKU {sku}</p>
</section>"""
LINE = """<form class="line" method="post" action="/shop/line/{sku}">
<p>It may come back: we hold it for who waits longest.</p>
<label>Your e-mail <input name="buyer" type="email" required maxlength="120"></label>
<button>Wait for it</button>
</form>
"""


def routes(router: Router) -> None:
    """Say where the style and the script are."""
    for name, body in FILES.items():
        router.add("GET", f"/{name}", _file(name, body), public=True)


def page(title: str, main: str, *, live: bool = False) -> bytes:
    """A whole page. main: HTML, already escaped. live: it renews itself."""
    spelled_live = " data-live" if live else ""
    return FRAME.format(title=escape(title), main=main, live=spelled_live).encode()


def product(
    product: Product,
    sale: Decimal | None,
    campaign: str,
    shown: Shown | None,
    notice: Notice | None = None,
) -> bytes:
    """The page of one product, as it was at the moment it was rendered."""
    waits = notice is not None and notice.way == "waiting_list"
    main = PRODUCT.format(
        name=escape(product.name),
        variant=escape(product.variant),
        price=price(product, sale, campaign),
        stock=badge("bad", "Sold out") if notice else stock(shown),
        line=LINE.format(sku=quote(product.sku, safe="")) if waits else "",
        sku=escape(product.sku),
    )
    return page(product.name, main)


def price(product: Product, sale: Decimal | None, campaign: str) -> str:
    """The price as shoppers see it."""
    regular = f"{spelled(product.price)} {product.currency}"
    if sale is not None:
        return (
            f"<s>{regular}</s> <strong>{spelled(sale)} {product.currency}</strong>"
            f' <span class="deal">{escape(campaign)}</span>{_read_by_machines(sale)}'
        )
    if product.teaser:
        return "<strong>Coming soon</strong>"
    return regular + _read_by_machines(product.price)


def _read_by_machines(amount: Decimal) -> str:
    """What the product costs now, as schema.org/Offer spells it."""
    return f'<meta itemprop="price" content="{spelled(amount)}">'


def stock(shown: Shown | None) -> str:
    """The stock badge with the age of what it knows; unknown is not none."""
    if shown is None:
        return badge("", "Availability unknown")
    if not shown.units:
        found = badge("bad", "Sold out")
    elif shown.units <= FEW:
        found = badge("warn", f"{shown.units} left")
    else:
        found = badge("ok", "In stock")
    return f'{found} <span class="age">{instant(shown.at)}</span>'


def badge(tone: str, words: str) -> str:
    """A dot and some words."""
    return f'<span class="badge" data-tone="{tone}">{escape(words)}</span>'


def instant(at: float) -> str:
    """An instant in UTC; the script turns it into an age."""
    moment = datetime.fromtimestamp(at, UTC)
    clock = moment.strftime("%H:%M:%S")
    return f'<time datetime="{moment.isoformat()}">as of {clock} UTC</time>'


def _file(name: str, body: bytes) -> Handler:
    headers = [
        (b"content-type", TYPES[name.rsplit(".")[-1]]),
        (b"cache-control", b"public, max-age=300"),
        *GUARDS,
    ]

    async def file(_request: Request) -> Reply:
        return Reply(200, body, headers)

    return file
