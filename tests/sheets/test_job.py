"""What every sheet on its way in says of itself, whichever room it is for."""

from __future__ import annotations

import pytest

from console.campaigns.models import ImportJob
from console.sheets.job import SheetJob
from console.stock.models import LevelImport

State = SheetJob.State


@pytest.mark.parametrize("job,told", [
    (LevelImport(state=State.CHECKING), ""),
    (LevelImport(state=State.CHECKING, total=2000), "about 2,000 rows"),
    (LevelImport(state=State.CHECKED, total=2000), "2,000 rows"),
    (LevelImport(state=State.CANCELLED, total=1), "1 row"),
    (ImportJob(state=State.CHECKING, total=2000, bulk=True), "about 2,000 rows"),
    (ImportJob(state=State.CHECKING, total=2000), "2,000 rows"),
])  # fmt: skip
def test_the_length_is_a_guess_until_the_end_of_the_file_was_seen(
    job: SheetJob, told: str
) -> None:
    assert job.length == told


def test_a_part_of_the_rows_is_a_percentage_and_none_of_none_is_zero() -> None:
    assert LevelImport(checked=1, total=4).percent == 25
    assert ImportJob().percent == 0


@pytest.mark.parametrize("job,told", [
    (LevelImport(created=1), "1 level written"),
    (LevelImport(updated=1200, pending=1), "1,200 levels written"),
    (LevelImport(pending=1), "0 levels written"),
    (LevelImport(unchanged=3), "Nothing to change"),
    (ImportJob(created=1, updated=1), "Imported 2 rows"),
    (ImportJob(unchanged=3), "Nothing to change"),
])  # fmt: skip
def test_the_outcome_is_told_in_the_words_of_its_room(job: SheetJob, told: str) -> None:
    assert job.outcome == told


@pytest.mark.parametrize("model,name", [
    (LevelImport, "level_import"), (ImportJob, "import"),
])  # fmt: skip
def test_each_room_has_the_constraints_under_its_own_names(
    model: type[SheetJob], name: str
) -> None:
    names = {one.name for one in model._meta.constraints}
    assert names >= {
        f"{name}_same_file_once_at_a_time",
        f"{name}_checks_no_more_than_there_is",
        f"{name}_counts_every_row",
    }
    assert [one.name for one in model._meta.indexes] == [f"{name}_at_work"]
