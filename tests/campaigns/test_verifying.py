"""The command verify: what a sale left in a real shop, read back."""

from __future__ import annotations

from typing import Any

import pytest

from console.runbook.models import Step
from tests import make
from tests.campaigns.test_looking_ahead import OURS, failed, plan, price, run, world
from tests.make import NOW
from tests.sandboxed import Sandbox

__all__ = ["world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def applied(prices: dict[str, str], state: str = "verified", **values: Any) -> Step:
    wanted = {"connection": "shop", "campaign": "S-1", "prices": prices}
    kind = values.pop("kind", "prices.apply")
    step = make.step("", kind, plan="campaign:S-1", wanted=wanted)
    before = {sku: {"sale": None, "regular": "100", "campaign": ""} for sku in prices}
    said = {"started_at": NOW, "finished_at": NOW, "seen": {}} | values
    Step.objects.filter(pk=step.pk).update(
        state=state,
        before={"prices": before},
        **{"undoing": state == "reverted"} | said,
    )
    return step


def test_verify_holds_what_the_saleapplied(world: Sandbox) -> None:
    plan()
    price(world, dict.fromkeys(OURS, "70.00"))
    applied(dict.fromkeys(OURS, "70.00"))
    assert run("verify", "S-1") == "2 settings of S-1 read back.\n"


def test_verify_names_each_setting_that_differs_and_fails(world: Sandbox) -> None:
    plan()
    price(world, dict.fromkeys(OURS, "70.00"))
    applied(dict.fromkeys(OURS, "70.00"))
    price(world, {"BOOT-42": "65.00"})
    out, error = failed("verify", "S-1")
    assert out.startswith("BOOT-42 should be €70.00, and is €65.00.\n")
    assert (error.returncode, str(error)) == (
        1, "1 settings differ, 0 steps failed or are unknown."
    )  # fmt: skip


def test_verify_after_the_end_finds_a_price_that_did_not_go_back(
    world: Sandbox,
) -> None:
    plan()
    applied(dict.fromkeys(OURS, "70.00"), "reverted")
    assert run("verify", "S-1") == "2 settings of S-1 read back.\n"
    price(world, {"SHELL-S": "60.00"}, "OTHER")
    assert run("verify", "S-1") == "2 settings of S-1 read back.\n"
    price(world, {"BOOT-42": "70.00"})
    out, _ = failed("verify", "S-1")
    assert out.startswith("BOOT-42 should be no sale price, and is €70.00.\n")


def test_verify_passes_over_what_somebody_else_had_changed(world: Sandbox) -> None:
    plan()
    price(world, {"BOOT-42": "65.00"})
    applied(
        dict.fromkeys(OURS, "70.00"), "reverted", seen={"kept": {"BOOT-42": "65.00"}}
    )
    assert run("verify", "S-1") == "1 settings of S-1 read back.\n"


def test_verify_leaves_a_price_that_was_set_by_hand_after_the_end(
    world: Sandbox,
) -> None:
    """Also under the name of the sale: it is not the price we set."""
    plan()
    applied(dict.fromkeys(OURS, "70.00"), "reverted")
    price(world, {"BOOT-42": "65.00"})
    assert run("verify", "S-1") == "2 settings of S-1 read back.\n"
    price(world, {"BOOT-42": "70.00"})
    assert failed("verify", "S-1")[0].startswith("BOOT-42 should be no sale price")


def test_verify_of_withdrawn_prices_passes_over_what_was_kept(world: Sandbox) -> None:
    plan()
    price(world, {"BOOT-42": "70.00"})
    kept = {"kept": {"BOOT-42": "70.00"}}
    applied(dict.fromkeys(OURS, "70.00"), kind="prices.withdraw", seen=kept)
    assert run("verify", "S-1") == "1 settings of S-1 read back.\n"


def test_verify_fails_for_prices_that_could_not_be_set(world: Sandbox) -> None:
    plan()
    price(world, {"BOOT-42": "70.00"})
    applied(dict.fromkeys(OURS, "70.00"), "failed", error="2 pages differ")
    out, error = failed("verify", "S-1")
    assert "SHELL-S should be €70.00, and is no sale price.\n" in out
    assert "is not settled: it failed: 2 pages differ\n" in out
    assert str(error) == "1 settings differ, 1 steps failed or are unknown."


def test_verify_fails_for_prices_that_could_not_be_put_back(world: Sandbox) -> None:
    """Read back as a revert is: what is still ours is named."""
    plan()
    price(world, {"BOOT-42": "70.00"})
    applied(dict.fromkeys(OURS, "70.00"), "failed", undoing=True, error="Not now")
    out, error = failed("verify", "S-1")
    assert out.startswith("BOOT-42 should be no sale price, and is €70.00.\n")
    assert "is not settled: putting it back failed: Not now\n" in out
    assert str(error) == "1 settings differ, 1 steps failed or are unknown."


def test_verify_of_a_sale_that_applied_nothing_says_so() -> None:
    plan()
    assert "has applied nothing" in run("verify", "S-1")


def test_verify_fails_where_the_outside_does_not_answer() -> None:
    plan()
    make.connection("shop", "sandbox_shop")
    applied({"BOOT-42": "70.00"})
    _, error = failed("verify", "S-1")
    assert str(error) == "0 settings differ, 1 steps failed or are unknown."
