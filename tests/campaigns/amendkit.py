"""A sale in a real shop whose steps are worked off, on a clock the test sets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Amendment, Campaign
from console.campaigns.operations import Change, Wish
from console.runbook import operations as runbook
from console.runbook.models import Step
from tests import make
from tests.make import NOW
from tests.sandboxed import SKUS, Sandbox

OPENS = NOW + timedelta(hours=4)
SOLD = ("SHELL-S", "SHELL-M", "BOOT-42")


@dataclass
class World:
    """A shop, a clock, and one sale of three SKUs at 70.00 in it."""

    shop: Sandbox
    campaign: Campaign
    now: datetime = NOW

    def clock(self) -> datetime:
        """What everybody reads."""
        return self.now

    def work(self, *, until: datetime, within_s: float = 30) -> None:
        """Do what is due up to an instant, as the ticking worker does."""
        self.now = max(self.now, until)
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            claims = runbook.claim_due(now=self.now)
            for claim in claims:
                runbook.run(claim, now=self.now)
            if not claims and not self._waiting():
                return
            self.now += timedelta(seconds=0.2)
            time.sleep(0.01)
        raise AssertionError(
            [f"{s.key} {s.state} {s.note} {s.error}" for s in Step.objects.all()]
        )

    def _waiting(self) -> bool:
        soon = self.now + timedelta(seconds=30)
        return Step.objects.filter(
            state__in=["running", "verifying", "reverting", "due"], ready_at__lte=soon
        ).exists()

    def shown(self) -> dict[str, Decimal | None]:
        """The sale price the shop shows for each SKU."""
        rows = self.shop.tell("GET", "/shop/prices")
        return {
            r["sku"]: r["sale"] and Decimal(r["sale"]) for r in rows if r["sku"] in SKUS
        }

    def sale(self) -> dict[str, Decimal | None]:
        """Only the SKUs that are on sale."""
        return {sku: price for sku, price in self.shown().items() if price is not None}

    def amend(self, *lines: Wish, **change: Any) -> Amendment:
        """Propose and have somebody else approve."""
        made = self.propose(*lines, **change)
        return campaigns.approve_amendment(
            made.pk,
            content_hash=made.content_hash,
            actor=make.user("approver"),
            now=self.now,
        )

    def propose(self, *lines: Wish, **change: Any) -> Amendment:
        return campaigns.propose(
            self.campaign.code,
            Change(lines, **change),
            actor=self.campaign.author,
            now=self.now,
        )


@pytest.fixture
def world(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An armed sale; nothing of it is done yet."""
    _clear(sandbox)
    make.connection("shop", "sandbox_shop", base_url=sandbox.url, secret=sandbox.token)
    made = make.campaign(lines=0, opens_at=OPENS)
    for code in SOLD:
        make.line(made, author=made.author, code=code)
    for code in sorted({*SKUS} - {*SOLD}):
        make.level(make.sku(code))
    made = campaigns.submit(made.code, actor=made.author, now=NOW)
    approver = make.user("approver")
    made = campaigns.approve(
        made.code, content_hash=made.content_hash, actor=approver, now=NOW
    )
    one = World(sandbox, made)
    monkeypatch.setattr("django.utils.timezone.now", one.clock)
    yield one
    _clear(sandbox)


def _clear(shop: Sandbox) -> None:
    for code in ("FS-0001", "OTHER"):
        body = {"campaign": code, "prices": dict.fromkeys(SKUS)}
        shop.tell("PUT", "/shop/prices", body)
