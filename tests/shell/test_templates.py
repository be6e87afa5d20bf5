"""What every template must keep to: the policy, the icons, the length."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = (ROOT / "console/shell/static/shell/icons.svg").read_text()
ICONS = set(re.findall(r'symbol id="([\w-]+)"', SPRITE))

FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=\s*[\"']"),
    "a style element": re.compile(r"<style[\s>]"),
    "an inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "hx-on": re.compile(r"\bhx-on[:-]"),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "a trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "an inline script": re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")[^>]*>"
    ),
}


def names(path: Path) -> str:
    """A template's name, as the test's id."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_template_holds_nothing_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_scrolling_table_has_a_name_of_its_own(path: Path) -> None:
    """Two landmarks of one name cannot be told apart by ear."""
    text = path.read_text()
    named = re.findall(r'role="region" aria-labelledby="([^"]+)"', text)
    assert [name for name in named if text.count(f'labelledby="{name}"') > 1] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 80


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_template_compiles_and_names_icons_that_exist(path: Path) -> None:
    engines["django"].from_string(path.read_text())
    used = set(re.findall(r'\{% icon "([\w-]+)"', path.read_text()))
    assert used <= ICONS


def test_each_state_has_an_icon_that_exists() -> None:
    from console.shell.states import STATES

    assert {look.icon for look in STATES.values() if look.icon} <= ICONS
