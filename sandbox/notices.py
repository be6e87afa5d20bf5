"""What pages do once a SKU is sold out: say so, let shoppers wait, lead them away."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal
from urllib.parse import parse_qs, quote

from pydantic import BaseModel, ConfigDict, Field

from sandbox.catalogue import Catalogue, Sku
from sandbox.checkout import Checkout
from sandbox.router import Refused, Reply, Request, Router, told
from sandbox.state import Store


class Notice(BaseModel):
    """What one page does. to: of a redirect, an address, `sku:…` or `category:…`."""

    model_config = ConfigDict(extra="forbid")

    way: Literal["badge", "waiting_list", "redirect"]
    campaign: Annotated[str, Field(max_length=40)] = ""
    to: Annotated[str, Field(max_length=500)] = ""


class NoticeChange(BaseModel):
    """Pages to change; null ends what a page does.

    expected: what the caller has seen; where a page does something else by now,
    nothing of the change is done.
    """

    model_config = ConfigDict(extra="forbid")

    notices: dict[Sku, Notice | None]
    expected: dict[Sku, Notice | None] = {}


class Notices:
    """What the pages do now, kept with the world."""

    def __init__(self, store: Store, catalogue: Catalogue, checkout: Checkout) -> None:
        """Have what the last process had."""
        self.store, self.catalogue, self.checkout = store, catalogue, checkout
        kept = store.load("notice")
        self.kept = {sku: Notice.model_validate(one) for sku, one in kept.items()}

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/shop/notices", self.read, part="shop")
        router.add("PUT", "/shop/notices", self.change, part="shop")
        router.add("POST", "/shop/line/{sku}", self.wait, part="shop", public=True)

    async def read(self, request: Request) -> Reply:
        """What the pages asked for do; null if nothing, unknown SKUs are left out."""
        known = self.catalogue.products
        asked = request.query("sku") or list(known)
        found = {sku: self.kept.get(sku) for sku in asked if sku in known}
        return told({sku: one and one.model_dump() for sku, one in found.items()})

    async def change(self, request: Request) -> Reply:
        """Set or end what pages do; all or none."""
        change = await request.read(NoticeChange)
        self.catalogue.check_known(change.notices, at="notices.")
        for sku, seen in change.expected.items():
            if self.kept.get(sku) != seen:
                raise Refused(409, f"{sku} does something else by now.", field=sku)
        for sku, notice in change.notices.items():
            self._put(sku, notice)
        await self.store.saved()
        return told({"accepted": len(change.notices)})

    def _put(self, sku: str, notice: Notice | None) -> None:
        if notice is None:
            self.kept.pop(sku, None)
            self.store.drop("notice", sku)
        else:
            self.kept[sku] = notice
            self.store.put("notice", sku, notice.model_dump())

    def leads(self, sku: str) -> str:
        """Where the page of a SKU leads instead; empty if nowhere.

        Relative for another SKU, so that it stays behind the edge it was asked through.
        """
        notice = self.kept.get(sku)
        if notice is None or notice.way != "redirect":
            return ""
        kind, _, name = notice.to.partition(":")
        if kind == "sku":
            return quote(name, safe="")
        if kind == "category":
            return f"/?category={quote(name, safe='')}"
        return quote(notice.to, safe="%/:?#[]@!$&'()*+,;=~-._")

    async def wait(self, request: Request, sku: str) -> Reply:
        """Let a shopper wait for a SKU, as the form of its page asks.

        Raises:
            Refused: nobody can wait for it, or the gate says no.
        """
        notice = self.kept.get(sku)
        if notice is None or notice.way != "waiting_list":
            raise Refused(409, f"Nobody waits for {sku[:100]} now.", field="sku")
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        buyer = form.get("buyer", [""])[0].strip()[:120]
        if not buyer:
            raise Refused(422, "buyer: say who waits.", field="buyer")
        seed = f"{notice.campaign}/{sku}/{buyer}"
        key = hashlib.sha256(seed.encode()).hexdigest()
        status, answer = await self.checkout.wait(notice.campaign, sku, buyer, key)
        if status != 201:
            said = str(answer.get("message") or "The gate does not answer.")
            raise Refused(status or 503, said, normal=True)
        return told(
            {"state": answer["state"], "ahead": answer["ahead"], "sku": sku},
            status=201,
        )
