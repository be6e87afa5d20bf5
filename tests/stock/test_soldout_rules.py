"""Where a redirect of what is sold out may lead, and how a row keeps it."""

from __future__ import annotations

import pytest

from console.stock.rules.soldout import BadTarget, check_target, read, spelled

HOSTS = frozenset({"shop.example", "shop.example:8443"})


@pytest.mark.parametrize(
    "to",
    [
        "https://shop.example/sale",
        "http://SHOP.example:8443/a?b=c#d",
        "sku:SKN3 L/XL",
        "category:boots",
        "category:boots/winter_25",
    ],
)
def test_a_redirect_may_lead_to_the_shop_a_sku_and_a_category(to: str) -> None:
    assert check_target("redirect", f" {to} ", hosts=HOSTS) == to


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "Say where"),
        ("javascript:alert(1)", "begins with https"),
        ("data:text/html,x", "begins with https"),
        ("//shop.example/x", "begins with https"),
        ("https:///x", "begins with https"),
        ("https://evil.example/", "none of your shops"),
        ("https://shop.example.evil.example/", "none of your shops"),
        ("https://shop.example:99/", "none of your shops"),
        ("https://shop.example@evil.example/", "user name"),
        ("https://shop.example\\@evil.example/", "backslashes"),
        ("https://shop.example/a b", "without spaces"),
        ("https://shop.example/\r\nSet-Cookie: a", "on one line"),
        ("https://shop.example/" + "x" * 300, "at most 300"),
        ("https://shop.example:x/", "such as"),
        ("sku:", "Name the SKU"),
        ("sku:SELF", "itself"),
        ("category: ", "Name the category"),
        ("category://evil.example", "handle of a category"),
        ("category:../admin", "handle of a category"),
        ("category:javascript:x", "handle of a category"),
        ("category:a b", "handle of a category"),
    ],
)
def test_a_redirect_leads_nowhere_else(to: str, said: str) -> None:
    with pytest.raises(BadTarget, match=said):
        check_target("redirect", to, hosts=HOSTS, skus=["SELF"])


def test_only_a_redirect_leads_somewhere() -> None:
    assert check_target("badge", " ", hosts=HOSTS) == ""
    with pytest.raises(BadTarget):
        check_target("badge", "https://shop.example/", hosts=HOSTS)


def test_what_a_row_keeps_is_read_as_it_was_spelled() -> None:
    kept = spelled("redirect", "FS-1", "sku:SKN3 L/XL")
    assert read(kept) == ("redirect", "FS-1", "sku:SKN3 L/XL")
    assert (read(spelled("badge", "FS-1")), read("")) == (("badge", "FS-1", ""), None)
