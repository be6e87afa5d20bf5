"""The front page of the pretend world: what is there, and how it is doing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from sandbox import pages
from sandbox.catalogue import Catalogue
from sandbox.cloud import Cloud
from sandbox.erp import Erp
from sandbox.faults import FaultBoard
from sandbox.health import Gauge
from sandbox.router import Reply, Request, Router
from sandbox.shoppers import Crowd

SHOWN = 60
LEAD = """<h1>The pretend outside world</h1>
<p class="lead">A shop, the cache in front of it, a cloud and an ERP that exist only on
this machine. Doorbuster drives them over HTTP, as it would drive yours. This page
renews itself; docs/sandbox.md says how to break things on purpose.</p>"""
NAMES = {"cloud": "Cloud", "shop": "Shop", "cdn": "Edge cache", "erp": "ERP"}


class Overview:
    """Reads every part and keeps nothing."""

    def __init__(
        self,
        gauges: Mapping[str, Gauge],
        catalogue: Catalogue,
        cloud: Cloud,
        erp: Erp,
        crowd: Crowd,
        faults: FaultBoard,
    ) -> None:
        """Know where to look."""
        self.gauges, self.catalogue, self.cloud = gauges, catalogue, cloud
        self.erp, self.crowd, self.faults = erp, crowd, faults

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/", self.show, public=True)

    async def show(self, _request: Request) -> Reply:
        """Show everything on one page."""
        small = [self._parts(), self._groups(), self._shoppers(), self._trouble()]
        main = f'{LEAD}<div class="grid">{"".join(small)}</div>{self._products()}'
        headers = [*pages.HEADERS, (b"cache-control", b"no-store")]
        return Reply(200, pages.page("Pretend world", main, live=True), headers)

    def _parts(self) -> str:
        rows = []
        for part, name in NAMES.items():
            told = self.gauges[part].told()
            tone = "ok" if told["ok"] else "bad"
            p95 = told["p95_ms"]
            state = pages.badge(tone, str(told["note"]))
            if part == "erp":
                state += f" <small>{len(self.erp.orders)} orders held</small>"
            rows.append((name, state, "–" if p95 is None else f"{p95} ms"))
        return _section("Parts", ("Part", "Last 15 s", "p95"), rows)

    def _groups(self) -> str:
        now = time.time()
        rows = []
        for group in self.cloud.groups.values():
            group.settle(now)
            serving = group.serving(now)
            tone = "ok" if serving >= group.desired else "warn"
            booting = pages.badge(tone, f"{serving} of {group.desired}")
            rows.append((escape(group.name), booting, f"{group.floor}–{group.maximum}"))
        heads = ("Group", "Serving", "Floor–maximum")
        return _section("Machines", heads, rows, empty="No group is defined.")

    def _shoppers(self) -> str:
        rows = [
            (
                escape(code),
                f"{counts['arrived']} came, {counts['reserved']} reserved",
                f"{counts['paid']} paid",
            )
            for code, counts in self.crowd.counts.items()
        ]
        empty = "Nobody is here. Shoppers come when a campaign sets sale prices."
        words = f"Shoppers <small>{len(self.crowd.inside)} in the shop now</small>"
        return _section(words, ("Campaign", "Shoppers", "Orders"), rows, empty=empty)

    def _trouble(self) -> str:
        on = self.faults.now.model_dump(exclude_defaults=True)
        rows = [(escape(name), "", escape(str(value))) for name, value in on.items()]
        empty = "Everything works as it should."
        return _section("Faults", ("Switched on", "", "To"), rows, empty=empty)

    def _products(self) -> str:
        everything = self.catalogue.products
        on_sale = [
            sku for one in self.catalogue.overlays.values() for sku in one.prices
        ]
        first = list(dict.fromkeys([*on_sale, *everything]))[:SHOWN]
        rows = [self._product(sku) for sku in first if sku in everything]
        words = f"Products <small>{len(rows)} of {len(everything)}</small>"
        empty = "The shelves are empty. PUT /shop/products fills them."
        return _section(words, ("Product", "Price", "Stock"), rows, empty=empty)

    def _product(self, sku: str) -> tuple[str, str, str]:
        product = self.catalogue.products[sku]
        name = f"{escape(product.name)} <small>{escape(product.variant)}</small>"
        link = f'<a href="/edge/p/{quote(sku, safe="")}">{name}</a>'
        price = pages.price(product, *self.catalogue.sale(sku))
        return link, price, pages.stock(self.catalogue.stock.get(sku))


def _section(
    title: str,
    heads: Iterable[str],
    rows: list[tuple[str, str, str]],
    *,
    empty: str = "",
) -> str:
    """A table of three columns, or a sentence. All of it is HTML, already escaped."""
    if not rows:
        return f'<section><h2>{title}</h2><p class="empty">{empty}</p></section>'
    one, two, three = heads
    body = "".join(
        f'<tr><th scope="row">{a}</th><td>{b}</td><td class="num">{c}</td></tr>'
        for a, b, c in rows
    )
    head = f'<tr><th scope="col">{one}</th><th scope="col">{two}</th>'
    head += f'<th scope="col" class="num">{three}</th></tr>'
    table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
    return f'<section><h2>{title}</h2><div class="wide">{table}</div></section>'
