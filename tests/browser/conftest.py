"""A real browser against a live server, and what each page must never do in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    expect,
    sync_playwright,
)

# Playwright keeps an event loop in this thread; Django would refuse to query beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()),
    os.environ.get("CHROMIUM", ""),
)
# A page of a busy machine may take its time; what never comes still fails.
expect.set_options(timeout=15_000)
# Tells the test of every breach of the policy; playwright's own scripts are exempt.
WATCH = """addEventListener("securitypolicyviolation", (e) =>
  console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`))"""


class Visit(Protocol):
    """Opens a page of the console as somebody."""

    def __call__(
        self, path: str, person: User | None = None, **options: Any
    ) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium, once a file: its loop must be over with the file.

    While Playwright runs, nothing else in this thread may run a loop of its own.
    """
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        # Beside a running loop Django keeps other connections than without one.
        connections.close_all()
        browser.close()


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Visit]:
    """Open pages as somebody; at the end none may have erred or broken the policy.

    options: width, height, and anything a browser context takes (color_scheme …).
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def _visit(path: str, person: User | None = None, **options: Any) -> Page:
        size = {
            "width": options.pop("width", 1440),
            "height": options.pop("height", 900),
        }
        context = chromium.new_context(
            viewport=size, base_url=live_server.url, locale="en-GB", **options
        )
        contexts.append(context)
        if person:
            own = Client()
            own.force_login(person)
            cookie = own.cookies["doorbuster-session"]
            context.add_cookies(
                [
                    {
                        "name": cookie.key,
                        "value": cookie.value,
                        "url": live_server.url,
                    }
                ]
            )
        context.add_init_script(WATCH)
        page = context.new_page()
        listen(page, complaints)
        page.goto(path)
        return page

    yield _visit
    for context in contexts:
        _settle(context)
        context.close()
    assert not complaints


def _settle(context: BrowserContext) -> None:
    """Let what is under way end: the tables are emptied next, and would wait for it."""
    for page in context.pages:
        with suppress(Error):
            page.wait_for_load_state("networkidle", timeout=3000)


HARMLESS = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
"""An answer of 4xx, and a request that a later one of the same form took the place of;
what htmx could not do it tells under other names too."""


def listen(page: Page, complaints: list[str]) -> None:
    """Note script errors and breaches."""
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error" and not any(x in said.text for x in HARMLESS)
            else None
        ),
    )
