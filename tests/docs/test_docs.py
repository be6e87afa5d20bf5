"""Documentation is tested: what exists is written down, and what is linked exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from config.env import ROOT, Env

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    assert {name for name in Env.model_fields if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_source_file_has_a_line_in_rooms() -> None:
    listed = (ROOT / "docs/rooms.md").read_text()
    names = subprocess.run(
        ["git", "ls-files", "console/*.py", "config/*.py", "sandbox/*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = [n for n in names if "/migrations/" not in n and "__init__" not in n]
    assert [name for name in wanted if f"`{name}`" not in listed] == []
