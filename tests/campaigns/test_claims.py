"""What law and price history say about the claims of a plan."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.rules import NotAllowedYet
from console.prices import operations as prices
from console.prices.operations import Note
from console.prices.rules import Reason
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told(one: Campaign, key: str = "claims") -> list[str]:
    sections = readiness.verdict(one, now=NOW).sections
    found = next(section for section in sections if section.key == key)
    return [f"{check.tone} {check.text}" for check in found.checks]


def priced(one: Campaign, *steps: tuple[int, str, Reason], **said: Any) -> None:
    sku = one.lines.get().sku.code
    prices.note_all(
        Note(sku, Decimal(amount), NOW - days * DAY, reason, **said)
        for days, amount, reason in steps
    )


def test_a_plain_reduction_is_lawful() -> None:
    assert told(make.campaign()) == [
        "ok European Union: Reductions that may be announced",
        "ok “Up to 30%” may be said",
    ]


def test_a_price_raised_before_the_cut_is_named_with_the_first_clean_start() -> None:
    one = make.campaign()
    priced(one, (12, "110", Reason.REGULAR))
    (found,) = [text for text in told(one) if "raised from" in text]
    assert found.startswith("warn SKU-")
    assert "raised from €100.00 to €110.00 12 days before" in found
    assert "The first clean start is 15 Dec 2026" in found


def test_a_sale_without_end_is_named() -> None:
    one = make.campaign()
    priced(one, (59, "80", Reason.SALE), (2, "100", Reason.REVERT))
    assert any("was on sale 95% of the 90 days before" in text for text in told(one))


def test_an_offer_that_follows_on_is_named_on_both_sides() -> None:
    one = make.campaign()
    campaigns.submit(one.code, actor=one.author, now=NOW)
    after = make.campaign(lines=0, opens_at=NOW + 5 * DAY)
    line = one.lines.get()
    line.pk, line.campaign = None, after
    line.save(force_insert=True)
    assert any("4 days after" in text and "not real" in text for text in told(after))
    campaigns.submit(after.code, actor=after.author, now=NOW)
    assert any("4 days after this sale ends" in text for text in told(one))


def test_each_market_is_judged_by_its_own_law() -> None:
    (
        market("DE"),
        market("FI", pack="eu-fi"),
        market("UK", "GB", currency="GBP", pack="uk"),
    )
    laws = [text.split(":")[0] for text in told(make.campaign())]
    assert laws[:2] == ["ok European Union", "ok Finland"]
    pounds = make.campaign(currency="GBP")
    assert not any("European" in text for text in told(pounds))


def test_a_currency_without_history_may_not_be_claimed_until_backfilled() -> None:
    one = make.campaign(currency="USD")
    assert told(one)[0] == "warn European Union: Reductions that may be announced"
    assert any("Backfill the prices" in text for text in told(one, "prices"))
    priced(one, (60, "100", Reason.BACKFILL), currency="USD")
    assert told(one)[0].startswith("ok")


def test_a_price_of_another_currency_has_to_be_confirmed() -> None:
    one = make.campaign(currency="JPY")
    line = one.lines.get()
    line.regular_price, line.sale_price = Decimal(16_000), Decimal(70)
    line.save()
    priced(one, (60, "16000", Reason.REGULAR), currency="JPY")
    assert any("is it in EUR?" in text for text in told(one, "prices"))


def test_the_lowest_price_of_all_channels_counts() -> None:
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    one = make.campaign(channels=["app", "web"])
    priced(one, (50, "72", Reason.REGULAR), channel="app")
    assert "ok “Up to 2%” may be said" in told(one)


def test_nobody_approves_deeper_than_their_roles_may_go() -> None:
    one = make.campaign()
    one.lines.update(sale_price=Decimal(25))
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "now": NOW}
    with pytest.raises(NotAllowedYet, match=r"75% off .* role admin"):
        campaigns.approve(one.code, actor=make.user("approver"), **seen)
    assert campaigns.approve(one.code, actor=make.user("admin"), **seen)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        (30, []),
        (29, ["71% off {}: only an admin may approve it"]),
        (9, ["91% off {}: no role may approve that much. Raise the price"]),
    ],
)
def test_the_verdict_says_who_may_approve_what_is_deep(
    price: int, said: list[str]
) -> None:
    one = make.campaign(lines=2)
    line = one.lines.order_by("pk")[0]
    one.lines.filter(pk=line.pk).update(sale_price=Decimal(price), price_confirmed=True)
    wanted = [f"warn {text.format(line.sku.code)}" for text in said]
    assert [text for text in told(one, "prices") if " may approve " in text] == wanted


def test_a_broken_glass_passes_over_how_deep_a_role_may_go() -> None:
    one = make.campaign()
    one.lines.update(sale_price=Decimal(9), price_confirmed=True)
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    seen = {"content_hash": sent.content_hash, "now": NOW}
    with pytest.raises(NotAllowedYet, match=r"91% off"):
        campaigns.approve(one.code, actor=make.user("admin"), **seen)
    armed = campaigns.break_glass(
        one.code, reason="The board decided", typed=one.code,
        actor=make.user("commander"), **seen,
    )  # fmt: skip
    assert armed.state == "armed"
