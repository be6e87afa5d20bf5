"""A worker killed by SIGKILL in the middle of a large sheet, and the next one."""

from __future__ import annotations

from functools import partial

import pytest

from console.campaigns.models import Campaign, ImportJob, StagedRow
from console.campaigns.operations import imports
from tests.campaigns.sheetkit import counts, start
from tests.campaigns.test_bulk import ALL, BAD, large_sheet, with_skus
from tests.sheets.killing import kill_once, taken_over, worker, writing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker"),
]


def test_a_worker_killed_in_either_phase_loses_and_doubles_nothing(
    campaign: Campaign,
) -> None:
    with_skus(ALL)
    job = start(campaign, large_sheet(bad=BAD))
    kill_once(StagedRow.objects.exists, worker(job, "check"))
    held = ImportJob.objects.get(pk=job.pk)
    assert held.state == "checking"
    assert held.checked == StagedRow.objects.count()
    job = taken_over(job)
    assert (job.state, counts(job)) == ("checked", (ALL - BAD, 0, 0, 0, BAD))
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    kill_once(partial(writing, "campaigns_line"), worker(job, "apply"))
    assert campaign.lines.count() == 1
    job = taken_over(job)
    assert job.state == "done"
    assert campaign.lines.count() == 1 + ALL - BAD
