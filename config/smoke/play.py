"""One short sale, as three people and a crowd play it; returns what came of it."""

from __future__ import annotations

import csv
import io
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from config.demo.catalogue import PRODUCTS
from config.smoke.forms import Forms
from config.smoke.person import Person, Unexpected
from config.smoke.stage import Stage
from config.smoke.watch import Screen, delays_ms, percentile
from config.smoke.yardstick import SLOWEST

OPENS_IN_S = 14
LASTS_S = 15
HOLD_S = 5
ON_SCREEN_MS = 1000
"""From an accepted order to the board, p95, on a machine as fast as the reference."""
ZONE = ZoneInfo("Europe/Berlin")
CURVE = {
    "peak_per_s": 40,
    "floor_per_s": 12,
    "decay_s": 8,
    "pay_after_s": [0.3, 1.5],
    "browse_share": 0.4,
}
DONE = {"closed", "failed", "aborted"}


@dataclass
class Play:
    """The people, and the sale they play.

    code: of the campaign, once it is written down.
    """

    stage: Stage
    code: str = ""

    def __post_init__(self) -> None:
        """Sign everybody in."""
        self.merchandiser = Person(self.stage.web, "merchandiser")
        self.approver = Person(self.stage.web, "approver")
        self.operator = Person(self.stage.web, "operator")

    def plan(self) -> None:
        """Write the sale down, import its lines from a CSV, submit it."""
        opens = datetime.now(ZONE) + timedelta(seconds=OPENS_IN_S)
        form = Forms(self.merchandiser.get("/campaigns/new/").text).to(
            "/campaigns/new/"
        )
        form |= {
            "name": "Smoke Doorbuster",
            "category": "Outerwear",
            "opens_local": _local(opens),
            "closes_local": _local(opens + timedelta(seconds=LASTS_S)),
            "hold_ttl_s": str(HOLD_S),
            "on_call": form["owner"],
        }
        page = self.merchandiser.post("/campaigns/new/", form)
        self.code = page.url.path.strip("/").split("/")[1]
        self._name_contacts()
        self._import_lines()
        self._decide(self.merchandiser, "submit")

    def approve(self) -> None:
        """Approve exactly what was submitted; that arms it."""
        self._decide(self.approver, "approve")

    def watch(self) -> Screen:
        """Open a board, as the operator does."""
        told = self.operator.get(f"/campaigns/{self.code}/live/ticket/").json()
        screen = Screen(told["url"])
        screen.start()
        return screen

    def await_end(self, *, within_s: float) -> dict[str, Any]:
        """Read the report until the sale is over, and return the last one."""
        deadline = time.monotonic() + within_s
        while True:
            report = self.operator.get(f"/api/report/{self.code}/").json()
            if report["state"] in DONE or time.monotonic() > deadline:
                return dict(report)
            time.sleep(0.5)

    def accepted(self) -> list[float]:
        """When each order was accepted, epoch seconds."""
        told = self.operator.get("/api/orders/", campaign=self.code).json()
        return [
            datetime.fromisoformat(o["accepted_at"]).timestamp() for o in told["orders"]
        ]

    def _name_contacts(self) -> None:
        page = f"/campaigns/{self.code}/people/"
        save = f"{page}save/"
        form = Forms(self.merchandiser.get(page).text).to(save)
        form |= {"form-0-name": "Mara", "form-0-reach": "+49 30 1"}
        self.merchandiser.post(save, form)

    def _import_lines(self) -> None:
        sheet = {"file": ("lines.csv", _sheet().encode(), "text/csv")}
        start = f"/campaigns/{self.code}/import/"
        form = Forms(self.merchandiser.get(start).text).to(start)
        preview = self._through(self.merchandiser.post(start, form, sheet))
        apply = f"{preview.url.path}apply/"
        form = Forms(preview.text).to(apply)
        done = self._through(self.merchandiser.post(apply, form))
        if 'data-state="done"' not in done.text:
            raise Unexpected(f"the import was not done: {done.text[:2000]}")

    def _through(self, page: httpx2.Response) -> httpx2.Response:
        """Reload until the worker is through with the sheet."""
        deadline = time.monotonic() + 20
        while re.search(r'data-state="(checking|applying)"', page.text):
            if time.monotonic() > deadline:
                raise Unexpected("the import did not come to an end")
            time.sleep(0.3)
            page = self.merchandiser.get(page.url.path)
        return page

    def _decide(self, person: Person, verb: str) -> None:
        path = f"/campaigns/{self.code}/{verb}/"
        person.post(path, Forms(person.get(path).text).to(path))


def _local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _sheet() -> str:
    """The lines of the sale as a merchandiser's sheet."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["sku", "sale_price", "units", "buffer"])
    for product in PRODUCTS:
        if product.category == "Outerwear":
            sheet.writerow([product.code, product.sale, product.units // 4, 5])
    return out.getvalue()


def shoppers(stage: Stage) -> None:
    """Tell the sandbox how its shoppers arrive."""
    token = (stage.data / "sandbox_token").read_text()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=stage.sandbox, headers=headers, trust_env=False) as it:
        it.put(
            "/shop/config", json={"curve": CURVE, "seed": "smoke"}
        ).raise_for_status()


def play(stage: Stage, slow: float = 1.0) -> dict[str, Any]:
    """Play the whole sale and tell what came of it, in the form of `make smoke`.

    slow: how many times slower than the reference the machine is.
    """
    began = time.monotonic()
    shoppers(stage)
    sale = Play(stage)
    sale.plan()
    sale.approve()
    screen = sale.watch()
    report = sale.await_end(within_s=50)
    screen.stop()
    accepted = sale.accepted()
    delays = delays_ms(accepted, screen.arrivals)
    return {
        "state": report["state"],
        "orders_accepted": report["orders_accepted"],
        "oversold": report["oversold"],
        "relayed": report["relayed"],
        "steps": {
            k: report["steps"][k] for k in ("total", "verified", "reverted", "failed")
        },
        "late_steps_s_max": report["steps"]["lateness_s_max"],
        "orders_on_screen": len(delays),
        "event_to_screen_ms_p95": percentile(delays, 0.95),
        "machine_slowness": slow,
        "wall_s": round(time.monotonic() - began, 1),
    }


def failures(told: dict[str, Any]) -> list[str]:
    """What does not hold; empty when all is well."""
    p95 = told["event_to_screen_ms_p95"]
    limit_ms = ON_SCREEN_MS * min(told["machine_slowness"], SLOWEST)
    holds = {
        "the sale closed": told["state"] == "closed",
        "200 orders or more": told["orders_accepted"] >= 200,
        "nothing oversold": told["oversold"] == 0,
        "every order relayed": told["relayed"] == told["orders_accepted"],
        "no step failed": told["steps"]["failed"] == 0,
        "something was reverted": told["steps"]["reverted"] > 0,
        "every order on the screen": told["orders_on_screen"]
        == told["orders_accepted"],
        f"on the screen within {limit_ms / 1000:.2f} s at p95": p95 is not None
        and p95 < limit_ms,
        "over within a minute": told["wall_s"] < 60,
    }
    return [what for what, true in holds.items() if not true]
