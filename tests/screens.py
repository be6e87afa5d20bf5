"""Writes docs/screens: each page of the demo, light and dark, desk and phone.

Names after the command take only those pictures: `python -m tests.screens uplift`.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.env import ROOT
from config.smoke.person import Person
from config.smoke.stage import Stage

FOLDER = ROOT / "docs/screens"
INTO_THE_SALE_S = 40
OPENING = "FS-0041"
DRAFT = "FS-0045"
OVER = "FS-0037"
SIZES = {1440: 900, 390: 844}


@dataclass(frozen=True)
class Shot:
    """One page: the name of its picture, its address, and who looks.

    once: taken on a desk in light only, for the pages that explain planning.
    typed: days from today at 18:00, by the field they are typed into.
    """

    name: str
    path: str
    role: str = "operator"
    once: bool = False
    typed: Mapping[str, int] = field(default_factory=dict)


def shots(running: str) -> list[Shot]:
    """Every picture; running is the code of the sale that is live."""
    sale = f"/campaigns/{running}"
    return [
        Shot("login", "/account/login/", ""),
        Shot("calendar", "/calendar/", "merchandiser"),
        Shot("campaigns", "/campaigns/", "merchandiser"),
        Shot("plan", f"/campaigns/{DRAFT}/", "merchandiser"),
        Shot("stock", f"{sale}/stock/"),
        Shot("capacity", f"{sale}/capacity/"),
        Shot("live", f"{sale}/live/"),
        Shot("report", f"/campaigns/{OVER}/report/"),
        Shot("activity", f"{sale}/activity/"),
        Shot("orders", "/orders/"),
        Shot("audit", "/audit/"),
        Shot("fatigue", "/settings/fatigue/", "approver"),
        Shot("providers", "/settings/providers/", "admin"),
        Shot("people", "/settings/people/", "admin"),
        Shot("doctor", "/settings/doctor/"),
        *planning(sale),
    ]


def planning(sale: str) -> list[Shot]:
    """What docs/planning.md shows; sale is the address of one that is live."""
    paths = {
        "quarter": "/calendar/?zoom=quarter",
        "year": "/calendar/?zoom=year",
        "place": f"/calendar/?zoom=quarter&place={DRAFT}",
        "freeze": "/calendar/freezes/new/",
        "changes": f"{sale}/changes/",
        "amend": f"{sale}/amend/",
        "reach": f"/campaigns/{DRAFT}/people/",
        "as-of": f"{sale}/as-of/",
        "uplift": "/uplift/",
        "markets": "/settings/markets/",
        "approvers": "/settings/approvers/",
        "audiences": "/settings/fatigue/audiences/",
        "evidence": f"/settings/prices/evidence/{OVER}/",
        "tokens": "/account/tokens/",
        "api": "/account/api/",
    }
    typed = {"freeze": {"starts": 3, "ends": 9}}
    return [
        Shot(name, path, "admin", once=True, typed=typed.get(name, {}))
        for name, path in paths.items()
    ]


def take(base: str, running: str) -> None:
    """Open Chromium once and take every picture."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed: apt install chromium.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for width, theme in [(w, t) for w in SIZES for t in ("light", "dark")]:
            for shot in wanted(running, first=(width, theme) == (1440, "light")):
                _one(browser, base, shot, width, theme)
        browser.close()


def wanted(running: str, *, first: bool) -> list[Shot]:
    """The pictures asked for in one look; first: that of a desk in light."""
    names = sys.argv[1:]
    return [
        shot
        for shot in shots(running)
        if (first or not shot.once) and (not names or shot.name in names)
    ]


def _one(browser: Browser, base: str, shot: Shot, width: int, theme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if theme == "dark" else "light",
        base_url=base,
    )
    page = context.new_page()
    if shot.role:
        sign_in(page, shot.role)
    page.goto(shot.path)
    for name, days in shot.typed.items():
        at = datetime.now(UTC) + timedelta(days=days)
        page.locator(f'[name="{name}"]').fill(f"{at:%Y-%m-%d}T18:00")
    page.wait_for_timeout(900)
    page.screenshot(path=FOLDER / f"{shot.name}-{theme}-{width}.png")
    context.close()


def sign_in(page: Page, role: str) -> None:
    """Use the one-click login of the demo."""
    page.goto("/account/login/")
    page.locator(f'button[name="role"][value="{role}"]').click()
    page.wait_for_url("**/calendar/**")


def await_live(stage: Stage, *, within_s: float = 240) -> str:
    """The code of the demo's sale, once it is live."""
    person = Person(stage.web, "operator")
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if person.get(f"/api/report/{OPENING}/").json()["state"] == "live":
            return OPENING
        time.sleep(1)
    sys.exit("The demo's sale did not open in time.")


def main() -> None:
    """Start the demo, wait until its first sale runs, take the pictures."""
    with Stage(seed="demo") as stage:
        running = await_live(stage)
        time.sleep(INTO_THE_SALE_S)
        take(stage.web, running)
    sys.stdout.write(f"{len(list(Path(FOLDER).glob('*.png')))} pictures in {FOLDER}\n")


if __name__ == "__main__":
    main()
