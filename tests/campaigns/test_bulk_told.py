"""What the page tells of the rows of a large sheet: what each did, and its cells."""

from __future__ import annotations

import pytest

from console.campaigns.models import Campaign
from console.campaigns.operations import import_work, imports
from console.campaigns.tasks import run_import
from console.stock.models import Sku
from tests.campaigns.sheetkit import counts, sheet, tried
from tests.campaigns.test_bulk import fates, with_skus

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker", "large")]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sheet counts as a large one."""
    monkeypatch.setattr(import_work, "SMALL", 0)


def test_a_row_is_told_by_what_it_did_not_by_what_it_would_have_done(
    campaign: Campaign,
) -> None:
    with_skus(3)
    body = sheet(*(f"X{n:05},70,5,0" for n in range(3)), "A,70,10,0", "B,70,x,0")
    job = tried(campaign, body)
    assert counts(job) == (3, 0, 1, 0, 1)
    skus = {sku.code: sku for sku in Sku.objects.all()}
    for place, (code, price) in enumerate({"X00001": 80, "X00002": 70}.items(), 2):
        campaign.lines.create(sku=skus[code], sale_price=price, units=5,
                              regular_price=100, position=place)  # fmt: skip
    campaign.lines.filter(sku=skus["A"]).update(sale_price=65)
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    told = {n: (row[1], row[3]) for n, row in fates(job).items()}
    assert told.pop(2)[0] == "created"
    assert told.pop(3) == ("updated", {"sale_price": ["80.00", "70.00"]})
    assert told.pop(5) == ("updated", {"sale_price": ["65.00", "70.00"]})
    assert told.pop(6)[0] == "failed"
    assert not told
    assert dict(job.rows.filter(number=4).values_list("outcome", "changes")) == {
        "unchanged": {}
    }


def test_cells_of_a_bad_row_are_kept_cut_and_in_any_script(
    campaign: Campaign,
) -> None:
    job = tried(campaign, sheet('B,70,"5\t\\x é ""q""",0', f"C,{'9' * 3000},5,0"))
    first, second = job.rows.order_by("number")
    assert first.raw["units"] == '5\t\\x é "q"'
    assert second.raw["sale_price"] == "9" * 2000


def test_a_staged_sheet_is_applied_without_its_file(campaign: Campaign) -> None:
    with_skus(3)
    job = tried(campaign, sheet(*(f"X{n:05},70,5,0" for n in range(3))))
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    job.file.storage.delete(job.file.name)
    run_import(job.pk)
    assert campaign.lines.count() == 4
