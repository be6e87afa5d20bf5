"""Sheets of levels that say nothing of units promised elsewhere, or held back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from console.audit.models import Entry
from console.stock import queries
from console.stock.models import Level, LevelImport, Movement, PendingCount
from console.stock.queries.sheet_moves import SheetMoves, sheet_moves
from tests import make
from tests.stock.sheetkit import counts, exported, sentences, sheet, tried, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
BARE = "sku,location,on_hand"


def _held(code: str) -> tuple[int, int, int]:
    return Level.objects.values_list("on_hand", "committed", "buffer").get(
        sku__code=code
    )


def _full(code: str = "TENT") -> Level:
    """A level that has promised 30 units and holds 5 back."""
    level = make.level(make.sku(code), units=100)
    written(sheet(f"{code},Main,100,30,5"))
    return level


def _page(client: Client, job: LevelImport) -> str:
    there = reverse("stock:import_job", args=[job.pk])
    return " ".join(client.get(there).content.decode().split())


def test_a_column_that_is_missing_leaves_what_the_level_has() -> None:
    _full()
    job = written(sheet("TENT,Main,90", head=BARE))
    assert (job.state, counts(job)) == ("done", (0, 1, 0, 0))
    assert _held("TENT") == (90, 30, 5)
    moved = Movement.objects.order_by("-id").values_list("source", "target", "units")
    assert moved[0] == ("free", "outside", 10)
    assert queries.violations() == []


def test_a_cell_that_is_blank_leaves_it_and_a_zero_empties_it() -> None:
    _full()
    written(sheet("TENT,Main,90,,0"))
    assert _held("TENT") == (90, 30, 0)
    written(sheet("TENT,Main,90,0,"))
    assert _held("TENT") == (90, 0, 0)


def test_a_level_that_is_new_gets_zero_where_nothing_is_said() -> None:
    make.level()
    make.sku("SHELL")
    job = written(sheet("SHELL,Main,7", head=BARE))
    assert (job.state, counts(job)) == ("done", (1, 0, 0, 0))
    assert _held("SHELL") == (7, 0, 0)


def test_a_row_that_says_nothing_else_and_agrees_is_the_same() -> None:
    _full()
    job = tried(sheet("TENT,Main,100", head=BARE))
    assert (job.state, counts(job)) == ("done", (0, 0, 1, 0))


def test_too_few_units_are_told_with_what_the_level_has_promised() -> None:
    _full()
    job = tried(sheet("TENT,Main,29", head=BARE))
    assert "30 units are promised (30 committed" in sentences(job)[2]


def test_a_proposal_for_a_second_person_keeps_what_is_promised(
    settings: Settings,
) -> None:
    _full()
    settings.ADJUST_ALONE_UNITS = 50
    job = written(sheet("TENT,Main,900", head=BARE))
    assert (job.state, job.pending) == ("done", 1)
    kept = PendingCount.objects.get()
    assert (kept.on_hand, kept.committed, kept.buffer) == (900, 30, 5)


def test_the_look_and_the_end_tell_what_becomes_of_the_promised(
    operator: Client,
) -> None:
    _full()
    _full("BOOT")
    body = sheet("TENT,Main,90,10,9", "BOOT,Main,100,,0", "TENT,Main,1,99,99")
    job = tried(body)
    assert sheet_moves(job) == SheetMoves(0, 20, 4, 5)
    assert "Committed elsewhere less</span><b>20</b>" in _page(operator, job)
    job = written(body, mode="valid")
    assert (job.state, counts(job)) == ("done", (0, 2, 0, 1))
    assert sheet_moves(job) == SheetMoves(0, 20, 4, 5)
    page = _page(operator, job)
    assert "Buffer more</span><b>4</b>" in page and "Buffer less</span><b>5</b>" in page
    assert "Committed elsewhere more" not in page


def test_what_waits_for_a_second_person_is_not_summed(settings: Settings) -> None:
    _full()
    _full("BOOT")
    settings.ADJUST_ALONE_UNITS = 50
    job = tried(sheet("TENT,Main,900,0,0", "BOOT,Main,90,29,"))
    assert (counts(job), job.pending) == ((0, 1, 0, 0), 1)
    assert sheet_moves(job) == SheetMoves(committed_less=1)


def test_a_look_that_lost_its_rows_does_not_say_zero(operator: Client) -> None:
    _full()
    job = tried(sheet("TENT,Main,90,10,5"))
    job.staged.all().delete()
    assert sheet_moves(job) is None
    assert "not known any more" in _page(operator, job)


def test_a_sheet_that_moves_nothing_promised_says_nothing_of_it(
    operator: Client,
) -> None:
    _full()
    job = written(sheet("TENT,Main,90", head=BARE))
    assert Entry.objects.latest("position").after["moves"]["committed_less"] == 0
    page, _, _ = _page(operator, job).partition("</main>")
    assert "Committed elsewhere" not in page and "Buffer" not in page


@pytest.mark.parametrize("cells,told", [
    ("-3,,", "on_hand must be 0 to 999,999,999 units."),
    ("99999999999,,", "on_hand must be 0 to 999,999,999 units."),
    ("9,-1,", "committed must be 0 to 999,999,999 units."),
    ("1.5,,", "“1.5” is not a whole number of units."),
])  # fmt: skip
def test_units_out_of_range_are_told_the_range(cells: str, told: str) -> None:
    _full()
    assert sentences(tried(sheet(f"TENT,Main,{cells}"))) == {2: told}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_went_out_with_promised_units_comes_back_the_same(
    operator: Client, form: str
) -> None:
    _full()
    job = tried(exported(operator, form), name=f"l.{form}")
    assert (job.state, counts(job)) == ("done", (0, 0, 1, 0))
    assert _held("TENT") == (100, 30, 5)
