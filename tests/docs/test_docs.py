"""Documentation is tested: what exists is written down, and what is linked exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.env import ROOT, Env
from tests import rooms

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    assert {name for name in Env.model_fields if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    links += re.findall(r'src(?:set)?="(?!https?:)([^"]+)"', text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_list_of_rooms_is_what_the_files_say() -> None:
    assert (ROOT / "docs/rooms.md").read_text() == rooms.page(), "run `make rooms`"


def test_every_module_says_what_it_is_for() -> None:
    bare = [path for path in rooms.sources() if not rooms.purpose(path)]
    assert [path for path in bare if (ROOT / path).stat().st_size] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_proves_something_exists(page: Path) -> None:
    """`test_x.py::test_y` in any folder; `…end of a name` is in the file named last."""
    missing, named = [], ""
    for file, end, name in NAMED.findall(page.read_text()):
        named = file or named
        known = "".join(path.read_text() for path in _tests(named))
        if not known or not re.search(rf"(def |class )\w*{name}\b", known):
            missing.append(f"{named}::{end}{name}")
    assert missing == []


NAMED = re.compile(r"`(?:([\w/]*test_\w+\.py)(?:::)?|(…))(\w*)`")


def _tests(file: str) -> list[Path]:
    found = (ROOT / "tests").rglob(Path(file).name)
    return [path for path in found if str(path).endswith(f"/{file}")]
