"""The plan of a whole sale, step by step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from console.campaigns import plan
from console.campaigns.plan import Sale, Storefront
from console.capacity.operations import PlannedStep
from tests.make import NOW

T0 = NOW + timedelta(hours=3)
T1 = T0 + timedelta(hours=2)

GOLDEN = """
warm_up         campaigns.warm_up    prepare T-5400  after
floor-web       capacity.raise_floor scale   T-5400  after warm_up
floor-checkout  capacity.raise_floor scale   T-5400  after warm_up
warm            capacity.warm        warm    T-2700  after floor-web floor-checkout
raise-fence     stock.raise_fence    prepare T-300   after warm_up
ready           campaigns.ready      open    T-300   after floor-web floor-checkout warm
prices          prices.apply         open    T+0     after ready
purge           capacity.purge       open    T+0     after prices
look-prices     prices.look_edge     open    T+0     after purge
open            campaigns.open       open    T+0     after purge ready
end             campaigns.end        end     T+7200  after
holds           stock.drain_holds    end     T+7200  after end
restore-prices  runbook.revert       revert  T+7200  after holds
purge-end       capacity.purge       end     T+7200  after restore-prices
look-end-prices prices.look_edge     end     T+7200  after purge-end
return-stock    stock.return_units   revert  T+7200  after purge-end
drop-fence      stock.drop_fence     revert  T+7200  after return-stock
drain-relay     orders.drain         close   T+7200  after holds
scale-down      runbook.revert       revert  T+9000  after end
close           campaigns.close      close   T+9000  after end holds restore-prices \
purge-end return-stock drop-fence drain-relay scale-down
"""


def step(name: str, kind: str, phase: str, at: int, after: str = "") -> PlannedStep:
    return PlannedStep(
        name=name,
        kind=kind,
        title=name,
        target="cloud",
        phase=phase,
        due_at=max(NOW, T0 + timedelta(seconds=at)),
        t_offset_s=at,
        after=tuple(after.split()),
    )


CAPACITY = [
    step("floor-web", "capacity.raise_floor", "scale", -5400),
    step("floor-checkout", "capacity.raise_floor", "scale", -5400),
    step("warm", "capacity.warm", "warm", -2700, "floor-web floor-checkout"),
    step("purge", "capacity.purge", "open", 0),
    step("purge-end", "capacity.purge", "end", 7200),
]


def shop(name: str, opens_at=T0, closes_at=T1) -> Storefront:
    return Storefront(name, "web", opens_at, closes_at)


def sale(**changes: object) -> Sale:
    said: dict[str, object] = {
        "code": "FS-0041",
        "round": 1,
        "opens_at": T0,
        "closes_at": T1,
        "prices": {"A": Decimal("219.000"), "B": Decimal(95)},
        "currency": "EUR",
        "storefronts": [shop("shop")],
        "capacity": CAPACITY,
        "cool_off": timedelta(minutes=30),
    }
    return Sale(**(said | changes))


def told(made: Sale, now=NOW) -> str:
    def short(keys: tuple[str, ...]) -> str:
        return " ".join(key.rpartition("/")[2] for key in keys)

    return "\n".join(
        f"{p.name:15} {p.kind:20} {p.phase:7} T{p.t_offset_s:+}{'':3}"
        f" after {short(p.after)}"
        for p in plan.compose(made, now=now)
    )


def words(text: str) -> list[list[str]]:
    return [row.split() for row in text.strip().splitlines()]


def test_the_plan_of_a_sale_is_the_golden_list() -> None:
    assert words(told(sale())) == words(GOLDEN)


def test_keys_name_campaign_round_and_part() -> None:
    parts = {part.name: part for part in plan.compose(sale(round=2), now=NOW)}
    assert parts["open"].after == (
        "campaign:FS-0041/2/purge",
        "campaign:FS-0041/2/ready",
    )
    assert parts["restore-prices"].wanted == {"keys": ["campaign:FS-0041/2/prices"]}
    assert parts["scale-down"].wanted == {
        "keys": ["campaign:FS-0041/2/floor-web", "campaign:FS-0041/2/floor-checkout"]
    }
    assert parts["prices"].wanted == {
        "campaign": "FS-0041",
        "connection": "shop",
        "channel": "web",
        "currency": "EUR",
        "prices": {"A": "219.00", "B": "95.00"},
    }


def test_a_price_not_for_everybody_is_not_looked_for_through_the_edge() -> None:
    kinds = [part.kind for part in plan.compose(sale(offer="personal"), now=NOW)]
    assert "capacity.purge" in kinds
    assert "prices.look_edge" not in kinds


def test_nothing_is_due_before_now() -> None:
    late = T0 - timedelta(minutes=1)
    parts = plan.compose(sale(capacity=[]), now=late)
    first = min(parts, key=lambda part: part.due_at)
    assert (first.due_at, first.t_offset_s) == (late, -60)
    due = [part.due_at for part in parts]
    assert due == sorted(due)


def test_a_short_sale_cools_off_briefly() -> None:
    end = T0 + timedelta(seconds=16)
    shops = [shop("shop", closes_at=end)]
    short = sale(closes_at=end, capacity=CAPACITY[:4], storefronts=shops)
    parts = {part.name: part for part in plan.compose(short, now=NOW)}
    assert parts["scale-down"].due_at == T0 + timedelta(seconds=20)
    assert parts["close"].due_at == T0 + timedelta(seconds=20)


def test_without_backend_or_shop_what_is_left_still_hangs_together() -> None:
    bare = plan.compose(sale(capacity=[], storefronts=[]), now=NOW)
    keys = {plan.key("FS-0041", 1, part.name) for part in bare}
    assert all(set(part.after) <= keys for part in bare)
    names = [part.name for part in bare]
    assert names == [
        "warm_up",
        "raise-fence",
        "ready",
        "open",
        "end",
        "holds",
        "return-stock",
        "drop-fence",
        "drain-relay",
        "close",
    ]


def test_the_step_says_that_not_everybody_may_have_the_price() -> None:
    sale = Sale("FS-1", 1, T0, T1, {"A": Decimal(5)}, "EUR", [shop("shop")], [],
                timedelta(0), offer="personal")  # fmt: skip
    prices = {part.kind: part.wanted for part in plan.compose(sale, now=NOW)}
    assert prices["prices.apply"]["offer"] == "personal"


def test_a_second_shop_gets_its_prices_too() -> None:
    parts = plan.compose(sale(storefronts=[shop("shop"), shop("app")]), now=NOW)
    named = {part.name: part for part in parts}
    assert named["prices-app"].target == "app"
    assert named["purge"].after == (
        "campaign:FS-0041/1/prices",
        "campaign:FS-0041/1/prices-app",
    )
    assert len(named["restore-prices"].wanted["keys"]) == 2


def test_a_shop_that_opens_and_closes_later_has_its_own_prices_and_purges() -> None:
    hour = timedelta(hours=1)
    late = shop("us", T0 + 6 * hour, T1 + 6 * hour)
    made = sale(closes_at=T1 + 6 * hour, storefronts=[shop("shop"), late])
    named = {part.name: part for part in plan.compose(made, now=NOW)}
    key = "campaign:FS-0041/1/"
    assert (named["prices"].due_at, named["prices-us"].due_at) == (T0, late.opens_at)
    assert named["open"].after == (key + "purge", key + "ready")
    assert named["purge"].after == (key + "prices",)
    assert named["purge-us"].after == (key + "prices-us",)
    assert named["purge-us"].due_at == late.opens_at
    assert named["restore-prices-shop"].wanted == {"keys": [key + "prices"]}
    assert named["restore-prices-shop"].due_at == T1
    assert named["purge-end-shop"].due_at == T1
    assert named["restore-prices"].wanted == {"keys": [key + "prices-us"]}
    assert named["restore-prices"].after == (key + "holds",)
    assert set(named["close"].after) >= {key + "restore-prices-shop", key + "holds"}
