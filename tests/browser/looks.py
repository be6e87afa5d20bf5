"""What must be true of a page in every look: no barrier, no sideways scroll."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Look = tuple[int, str]
DESK_LIGHT, DESK_DARK = (1440, "light"), (1440, "dark")
PHONE_LIGHT, PHONE_DARK = (390, "light"), (390, "dark")
LOOKS = [DESK_LIGHT, DESK_DARK, PHONE_LIGHT, PHONE_DARK]
ASK = """axe.run({resultTypes: ["violations"]}).then((found) =>
  found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`)))"""
WIDER = "document.documentElement.scrollWidth - innerWidth"


def tell(page: Page) -> None:
    """Tell a page what axe is, once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)


def barriers(page: Page) -> list[str]:
    """What axe finds wrong, in words."""
    tell(page)
    found: list[str] = page.evaluate(ASK)
    return found


def faults(page: Page, looks: list[Look]) -> list[str]:
    """What is wrong in each of these looks of the page, and where."""
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        # Without motion, or colours would be measured on their way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        # While the page still loads its panels.
        tell(page)
        page.wait_for_load_state("networkidle")
        said = barriers(page)
        if page.evaluate(WIDER) > 0:
            said.append("wider than the page")
        found += [f"{page.url} {width} {scheme}: {one}" for one in said]
    return found


def clean(page: Page, looks: list[Look]) -> None:
    """Nothing is wrong in any of these looks."""
    assert faults(page, looks) == []
