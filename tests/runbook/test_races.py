"""Many tickers at once, each guard with a control that shows what it prevents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from console.runbook import operations, work
from console.runbook.models import Step, StepQuerySet
from console.runbook.operations import Claim
from console.runbook.rules import State
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.runbook.kinds import world

pytestmark = pytest.mark.django_db(transaction=True)


def many(count: int) -> None:
    """Due steps, written as plain rows."""
    first = make.step("many-0", "test.note")
    values = {f.attname: getattr(first, f.attname) for f in Step._meta.concrete_fields}
    rows = [values | {"id": None, "key": f"many-{n}"} for n in range(1, count)]
    Step.objects.bulk_create([Step(**row) for row in rows])


def claim_all(_: int) -> list[Claim]:
    found: list[Claim] = []
    while claims := operations.claim_due(now=NOW, limit=20):
        found += claims
    return found


def test_two_tickers_share_a_thousand_steps_without_overlap() -> None:
    many(1000)
    shares = in_parallel(2, claim_all)
    counts = Counter(claim.step_id for share in shares for claim in share)
    assert len(counts) == 1000
    assert set(counts.values()) == {1}
    assert all(len(share) > 0 for share in shares)


@pytest.fixture
def _careless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Claim without locking rows: read, then write."""

    def no_lock(self: StepQuerySet, **_: object) -> StepQuerySet:
        return self

    monkeypatch.setattr(StepQuerySet, "select_for_update", no_lock)
    yield


@pytest.mark.usefixtures("_careless")
def test_control_without_the_lock_steps_are_claimed_twice() -> None:
    many(200)
    shares = in_parallel(4, claim_all)
    counts = Counter(c.step_id for s in shares if isinstance(s, list) for c in s)
    assert max(counts.values()) > 1


def stale_and_fresh() -> tuple[Claim, Claim]:
    make.step("a", target="x")
    (stale,) = operations.claim_due(now=NOW)
    (fresh,) = operations.claim_due(now=NOW + timedelta(seconds=61))
    return stale, fresh


def test_a_worker_that_wakes_after_its_lease_writes_nothing() -> None:
    stale, fresh = stale_and_fresh()
    done = in_parallel(2, lambda n: operations.run((stale, fresh)[n], now=NOW))
    assert done[0] is None
    assert done[1] is not None
    assert Step.objects.get().state == State.VERIFIED


def test_control_without_the_fence_both_write(monkeypatch: pytest.MonkeyPatch) -> None:
    stale, fresh = stale_and_fresh()
    monkeypatch.setattr(work, "_held", lambda c: Step.objects.filter(pk=c.step_id))
    results = [operations.run(stale, now=NOW)]
    Step.objects.update(state=State.RUNNING, lease_until=NOW, finished_at=None)
    results.append(operations.run(fresh, now=NOW))
    assert all(results)


def test_no_transaction_is_open_while_a_handler_works() -> None:
    make.step("a")
    for claim in operations.claim_due(now=NOW):
        operations.run(claim, now=NOW)
    assert world.in_transaction == [False]


def test_before_is_committed_when_the_handler_starts() -> None:
    """A crash in the middle of the apply must find it."""
    seen: list[object] = []

    def look() -> None:
        seen.extend(in_parallel(1, lambda _: Step.objects.get().before))

    world.meanwhile = look
    world.dials["x"] = 3
    make.step("a", target="x")
    for claim in operations.claim_due(now=NOW):
        operations.run(claim, now=NOW)
    assert seen == [{"dial": 3}]


def test_eight_people_press_retry_once() -> None:
    step = make.step("a")
    Step.objects.update(state=State.FAILED, error="x", finished_at=NOW)
    done = in_parallel(8, lambda _: operations.retry(step.pk, actor=None, now=NOW))
    assert sum(isinstance(one, Step) for one in done) == 1


def test_a_claim_and_a_skip_do_not_both_happen() -> None:
    for number in range(10):
        step = make.step(f"s{number}", "test.note")

        def act(n: int, pk: int = step.pk) -> object:
            if n:
                return operations.skip(pk, reason="x", actor=None, now=NOW)
            return operations.claim_due(now=NOW)

        claimed, skipped = in_parallel(2, act)
        assert bool(claimed) != isinstance(skipped, Step)
        Step.objects.all().delete()


def test_claiming_uses_the_index_of_open_steps() -> None:
    many(300)
    Step.objects.update(state=State.SKIPPED, reason="x", finished_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("analyze runbook_step")
        sql, values = Step.objects.claimable(NOW)[:1].query.sql_with_params()
        cursor.execute(f"explain {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "step_claimable" in plan
