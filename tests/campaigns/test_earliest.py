"""The earliest start that passes: policies, freezes and owners of prices as one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import readiness
from console.campaigns.queries.conflicts import Conflict
from console.campaigns.queries.grounds import Grounds
from console.campaigns.queries.placing import placing, shape_of
from console.campaigns.rules import Window
from console.fatigue.rules import HINT, Judge, Limits, Panel, Sale
from tests import make
from tests.campaigns.test_announcing import moved
from tests.campaigns.test_placing import owning
from tests.examples import examples
from tests.fatigue.test_oracle import START, calendars, passes, policies, sale
from tests.fatigue.test_oracle import moved as at_another
from tests.make import NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OPENS = NOW + timedelta(days=2)
in_database = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def frozen(start: datetime, end: datetime, **terms: Any) -> Freeze:
    return campaigns.freeze(
        "ERP migration", starts_at=start, ends_at=end, actor=make.user("operator"),
        now=NOW, **terms,
    )  # fmt: skip


def judged(one: Campaign) -> readiness.Verdict:
    return readiness.verdict(one, now=NOW)


def dated(verdict: readiness.Verdict) -> list[str]:
    """What of a verdict another date would mend."""
    return [check.text for check in verdict.blockers if check.dated]


def check_exact(one: Campaign, found: datetime | None) -> None:
    """The draft passes then, and a minute earlier does not."""
    assert found is not None and not dated(moved(one, found))
    assert dated(moved(one, found - MINUTE))


def rested() -> Campaign:
    """A draft two hours after a sale whose audience has to rest for a day."""
    people = make.audience("Everyone", min_gap_days=1, gap_counts="rolling")
    make.armed(of=people, opens_at=OPENS - 4 * HOUR)
    return make.campaign(of=people, opens_at=OPENS)


class TestOneDraft:
    pytestmark = in_database

    def test_a_freeze_alone_has_an_earliest_start_after_it(self) -> None:
        one = make.campaign(opens_at=OPENS)
        frozen(OPENS - HOUR, OPENS + 30 * MINUTE + timedelta(seconds=20))
        found = judged(one).earliest
        assert found == OPENS + 31 * MINUTE, "whole minutes"
        check_exact(one, found)

    def test_a_sale_that_owns_the_price_has_one_at_its_end(self) -> None:
        one = make.campaign(opens_at=OPENS)
        owner = owning(one, opens_at=OPENS + HOUR, hours=5)
        found = judged(one).earliest
        assert found == owner.closes_at
        check_exact(one, found)

    def test_what_ends_within_something_else_is_stepped_over_with_it(self) -> None:
        """Rest up to +22 h, a freeze up to +30 h, an owner up to +35 h, a freeze."""
        one = rested()
        assert judged(one).earliest == OPENS + 22 * HOUR
        frozen(OPENS + 23 * HOUR, OPENS + 30 * HOUR)
        assert judged(one).earliest == OPENS + 30 * HOUR
        owning(one, opens_at=OPENS + 31 * HOUR, hours=4)
        frozen(OPENS + 36 * HOUR, OPENS + 40 * HOUR)
        found = judged(one).earliest
        assert found == OPENS + 40 * HOUR
        check_exact(one, found)

    def test_a_gap_that_is_long_enough_is_taken(self) -> None:
        one = make.campaign(opens_at=OPENS)
        frozen(OPENS, OPENS + HOUR)
        frozen(OPENS + 3 * HOUR, OPENS + 9 * HOUR)
        assert judged(one).earliest == OPENS + HOUR

    def test_a_start_in_the_past_has_the_first_that_is_to_come(self) -> None:
        one = make.campaign(opens_at=NOW - 5 * HOUR)
        assert judged(one).earliest == NOW + MINUTE
        frozen(NOW, NOW + HOUR)
        found = judged(one).earliest
        assert found == NOW + HOUR
        check_exact(one, found)

    def test_there_is_none_where_no_date_mends_anything(self) -> None:
        assert judged(make.campaign(opens_at=OPENS)).earliest is None
        bare = judged(make.campaign(opens_at=OPENS, lines=0))
        assert (bool(bare.blockers), bare.earliest) == (True, None)
        deep = make.audience("Deep", min_depth_percent=90)
        one = make.campaign(of=deep, opens_at=OPENS)
        frozen(OPENS, OPENS + HOUR)
        assert judged(one).earliest is None, "no date makes the discount larger"
        undated = make.campaign(opens_local=None, closes_local=None)
        assert judged(undated).earliest is None

    def test_freezes_of_others_and_drafts_are_not_stepped_over(self) -> None:
        one = rested()
        frozen(OPENS + 20 * HOUR, OPENS + 30 * HOUR, category="Boots")
        assert judged(one).earliest == OPENS + 22 * HOUR


class TestEntrances:
    pytestmark = in_database

    @pytest.fixture
    def one(self) -> Campaign:
        """A draft whose earliest start is the end of a freeze, 30 h on."""
        one = rested()
        frozen(OPENS + 20 * HOUR, OPENS + 30 * HOUR)
        return one

    def test_page_program_command_and_calendar_tell_the_same(
        self, one: Campaign, merchant: Client
    ) -> None:
        found = judged(one)
        assert found.earliest == OPENS + 30 * HOUR
        page = merchant.get(reverse("campaigns:plan", args=[one.code])).text
        when = f'<time datetime="{found.earliest.isoformat()}">'
        assert f"Earliest start that passes: <b>{when}" in page
        told = merchant.get(f"/api/v1/campaigns/{one.code}/verdict").json()
        assert datetime.fromisoformat(told["earliest"]) == found.earliest
        assert (told["score"], told["level"]) == (found.score, found.level)
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verdict", one.code, "--json", stdout=out)
        said = json.loads(out.getvalue())
        assert datetime.fromisoformat(said["earliest"]) == found.earliest
        assert {name: said[name] for name in ("score", "level", "hint")} == {
            name: told[name] for name in ("score", "level", "hint")
        }
        self._check_calendar(one, found.earliest)

    def _check_calendar(self, one: Campaign, earliest: datetime) -> None:
        """The first day it allows at that time of day is the one it is on."""
        for at, word in ((earliest, "ok"), (earliest - MINUTE, "no")):
            moved(one, at)
            held = Campaign.objects.get(pk=one.pk)
            days = placing(held, shape_of(held), first=at.date(), days=1, now=NOW).days
            assert [day.v for day in days] == [word]

    def test_a_program_that_tries_other_terms_is_told_theirs(
        self, one: Campaign, merchant: Client
    ) -> None:
        later = (OPENS + 26 * HOUR).replace(tzinfo=None)
        body = {"opens_local": later, "closes_local": later + 5 * HOUR}
        tried = merchant.post(
            f"/api/v1/campaigns/{one.code}/verdict", body, "application/json"
        ).json()
        assert datetime.fromisoformat(tried["earliest"]) == OPENS + 30 * HOUR

    def test_the_command_says_it_in_words(self, one: Campaign) -> None:
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verdict", one.code, stdout=out)
        assert judged(one).earliest is not None
        last = out.getvalue().splitlines()[-1]
        assert last == f"Earliest start that passes: {judged(one).earliest:%FT%T+00:00}"

    def test_what_was_told_is_kept_with_the_approval(self) -> None:
        one = make.armed()
        kept = one.approvals.get().verdict
        assert (kept["earliest"], kept["level"]) == (None, "fresh")

    def test_score_level_and_hint_are_those_of_the_meter(self) -> None:
        tired = make.audience("Tired", amber=1, red=500)
        found = judged(make.campaign(of=tired, opens_at=OPENS))
        assert found.score and found.score > 1
        assert (found.level, found.hint) == ("on_target", HINT)
        none = judged(make.campaign(of=make.audience("Free", amber=0, red=0)))
        assert (none.score, none.level, none.hint) == (None, "", "")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_earliest_start_asks_two_queries_of_who_reads_it_alone(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make.campaign(opens_at=OPENS)
    for n in range(count):
        owning(one, opens_at=OPENS + (5 + 3 * n) * HOUR)
        frozen(OPENS + (7 + 3 * n) * HOUR, OPENS + (8 + 3 * n) * HOUR)
    assert judged(one).earliest is None
    frozen(OPENS, OPENS + HOUR)
    with django_assert_num_queries(26):
        blocked = judged(one)  # as each second look at an armed plan does
    with django_assert_num_queries(2):
        assert [blocked.earliest, blocked.earliest] == [OPENS + HOUR] * 2


spans = st.tuples(st.integers(0, 24 * 100), st.integers(1, 24 * 20), st.integers(0, 59))


def freeze_of(span: tuple[int, int, int]) -> Freeze:
    start = START + span[0] * HOUR
    ends = start + span[1] * HOUR + timedelta(seconds=span[2])
    return Freeze(name="Freeze", starts_at=start, ends_at=ends)


def owner_of(span: tuple[int, int, int]) -> Conflict:
    held = freeze_of(span)
    return Conflict(
        "FS-1", "Other", "armed", held.starts_at, held.ends_at, 1, ["A"], ""
    )


def allowed(
    asked: Sale,
    limits: Limits,
    others: list[Sale],
    held: list[tuple[datetime, datetime]],
) -> bool:
    """Straight from the sentences: no policy, freeze or owner forbids it."""
    free = all(asked.closes_at <= start or end <= asked.opens_at for start, end in held)
    return free and passes(limits, others, asked)


@examples(200)
@given(
    policies, calendars, sale("NEW"), st.lists(spans, max_size=5),
    st.lists(spans, max_size=5),
)  # fmt: skip
def test_the_first_start_passes_and_no_hour_or_minute_before_it(
    limits: Limits,
    others: list[Sale],
    asked: Sale,
    freezes: list[tuple[int, int, int]],
    owners: list[tuple[int, int, int]],
) -> None:
    stops, sales = (
        [freeze_of(one) for one in freezes],
        [owner_of(one) for one in owners],
    )
    held = [(one.starts_at, one.ends_at) for one in stops]
    held += [(one.opens_at, one.closes_at) for one in sales]
    met = Grounds(Panel([Judge(limits, others, asked)]), stops, sales)
    found = met.first(Window(asked.opens_at, asked.closes_at))
    if found is None:
        far = at_another(asked, START + timedelta(days=3650))
        assert not allowed(far, limits, others, held), "there is one in ten years"
        return
    assert allowed(at_another(asked, found), limits, others, held)
    for before in (MINUTE, HOUR, 7 * HOUR):
        if found - before >= asked.opens_at:
            earlier = at_another(asked, found - before)
            assert not allowed(earlier, limits, others, held)


@pytest.mark.django_db
@pytest.mark.usefixtures("still_clock")
@examples(40, [HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(-5, 60), st.integers(1, 20)), max_size=3),
    st.lists(st.integers(-5, 60), max_size=2),
    st.sampled_from([0, 1]),
    st.sampled_from([Decimal("3.5"), Decimal(21)]),
)
def test_a_saved_plan_passes_at_its_earliest_start_and_not_a_minute_before(
    freezes: list[tuple[int, int]], owners: list[int], gap: int, life: Decimal
) -> None:
    Freeze.objects.all().delete()
    people = make.audience(min_gap_days=gap, half_life_days=life, red=80)
    make.armed(of=people, opens_at=OPENS - 4 * HOUR)
    one = make.campaign(of=people, opens_at=OPENS)
    for n, hour in enumerate(sorted(set(owners))):
        if not n or hour - sorted(set(owners))[n - 1] >= 2:
            owning(one, opens_at=OPENS + hour * HOUR)
    for start, lasts in freezes:
        frozen(OPENS + start * HOUR, OPENS + (start + lasts) * HOUR)
    found = judged(one)
    assert bool(found.earliest) == bool(dated(found))
    if found.earliest:
        check_exact(one, found.earliest)
