"""The commands: who may, what they tell, and how they fail."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.runbook.models import Step
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
VERBS = "plan diff verdict bundle submit withdraw approve reject arm abort revert"
VERBS += " pause resume extend end dry_run verify simulate"


def run(name: str, *args: str) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def told(name: str, *args: str) -> Any:
    return json.loads(run(name, *args, "--json"))


def refused(name: str, *args: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        run(name, *args)
    return error.value


@pytest.fixture
def people() -> None:
    make.user("merchandiser", name="aino")
    make.user("approver", name="ruth")
    make.user("operator", name="tomasz")


@pytest.mark.parametrize("name", VERBS.split())
def test_a_verb_is_ours(name: str) -> None:
    """A command of the same name in another application would win silently."""
    assert get_commands()[name] == "console.campaigns"


def test_a_bundle_is_planned_submitted_approved_and_called_off(
    people: None, tmp_path: Path
) -> None:
    draft = make.campaign()
    file = tmp_path / "sale.json"
    run("bundle", draft.code, "--output", str(file))
    made = told("plan", str(file), "--as", "aino", "--code", "S-1")
    assert (made["created"], made["signed"], made["state"]) == (True, True, "draft")
    assert "Nothing blocks S-1" in run("verdict", "S-1")
    assert run("submit", "S-1", "--as", "aino") == "S-1 is in review.\n"
    digest = told("verdict", "S-1")["content_hash"]
    armed = run("approve", "S-1", "--as", "ruth", "--hash", digest)
    assert armed == "S-1 is armed.\n"
    gone = run("abort", "S-1", "--as", "tomasz", "--reason", "Late boots")
    assert gone == "S-1 is aborted.\n"


def test_a_live_sale_is_paused_resumed_extended_and_ended(people: None) -> None:
    plan = make.armed()
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(plan.code, actor=None, now=NOW)
    by = (plan.code, "--as", "tomasz")
    assert run("pause", *by) == f"{plan.code} is paused.\n"
    assert run("resume", *by) == f"{plan.code} is live.\n"
    later = plan.closes_local + timedelta(hours=1)
    assert "countdown" in str(refused("extend", *by, "--closes", later.isoformat()))
    run("extend", *by, "--closes", later.isoformat(), "--countdown")
    plan.refresh_from_db()
    assert plan.closes_local == later
    for wrong in ("tomorrow", f"{later.isoformat()}+01:00"):
        assert "is not a local time" in str(refused("extend", *by, "--closes", wrong))
    assert run("end", *by, "--reason", "Sold out") == f"{plan.code} is ending.\n"


def test_the_file_on_the_screen_is_the_file(people: None) -> None:
    code = make.campaign().code
    assert run("bundle", code) == bundles.exported(code)


def test_a_dry_run_tells_and_keeps_nothing(people: None, tmp_path: Path) -> None:
    file = tmp_path / "sale.json"
    file.write_text(bundles.exported(make.campaign().code))
    said = told("plan", str(file), "--as", "aino", "--code", "S-2", "--dry-run")
    assert (said["dry_run"], said["created"]) == (True, True)
    assert {one["what"] for one in said["changes"]} >= {"terms.name", "terms.zone"}
    assert not Campaign.objects.filter(code="S-2").exists()


def test_diff_names_each_difference(people: None, tmp_path: Path) -> None:
    draft = make.campaign(lines=0)
    file = tmp_path / "sale.json"
    file.write_text(bundles.exported(draft.code).replace("Alpine", "Alpina"))
    assert run("diff", draft.code, draft.code) == "Nothing differs.\n"
    line = 'terms.name: "Alpine Shell Doorbuster" -> "Alpina Shell Doorbuster"\n'
    assert run("diff", str(file)) == line
    assert run("diff", draft.code, str(file)) == line


def test_an_edited_file_is_refused_unless_told(people: None, tmp_path: Path) -> None:
    file = tmp_path / "sale.json"
    file.write_text(bundles.exported(make.campaign().code).replace("Alpine", "Alpina"))
    error = refused("plan", str(file), "--as", "aino")
    assert (error.returncode, "does not hold" in str(error)) == (1, True)
    assert "Nobody vouches" in run("plan", str(file), "--as", "aino", "--unsigned")


def test_roles_hold(people: None) -> None:
    plan = make.submitted()
    args = (plan.code, "--as", "aino", "--hash", plan.content_hash)
    error = refused("approve", *args)
    assert str(error) == "aino lacks the role: this needs admin or approver."
    assert Campaign.objects.get().state == "in_review"


def test_four_eyes_hold(people: None) -> None:
    both = make.user("merchandiser", "approver", name="both")
    plan = make.submitted(author=both)
    error = refused("approve", plan.code, "--as", "both", "--hash", plan.content_hash)
    assert "somebody else approves it" in str(error)


def test_a_deactivated_person_does_nothing(people: None) -> None:
    gone = make.user("merchandiser", name="gone")
    gone.is_active = False
    gone.save()
    assert "lacks the role" in str(
        refused("submit", make.campaign().code, "--as", "gone")
    )


def test_a_refusal_is_told_as_json_too(people: None) -> None:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("submit", "none", "--as", "aino", "--json", stdout=out)
    assert json.loads(out.getvalue())["code"] == "unknown_campaign"


def test_a_stranger_is_refused(people: None) -> None:
    assert str(refused("submit", "x", "--as", "nobody")) == (
        "Nobody signs in as nobody."
    )


def test_a_missing_file_is_wrong_usage(people: None) -> None:
    assert refused("plan", "/nowhere.json", "--as", "aino").returncode == 2


def test_a_blocked_plan_fails(people: None) -> None:
    error = refused("verdict", make.campaign(lines=0).code)
    assert (error.returncode, "is blocked" in str(error)) == (1, True)


def test_a_sale_that_is_not_over_is_aborted_not_reverted(people: None) -> None:
    error = refused("revert", make.armed().code, "--as", "tomasz")
    assert "Abort it" in str(error)


def test_what_a_past_sale_left_changed_is_put_back(people: None) -> None:
    plan = make.campaign()
    campaigns.abort(plan.code, reason="Late", actor=make.user("operator"), now=NOW)
    error = refused("revert", plan.code, "--as", "tomasz")
    assert str(error) == f"Nothing of {plan.code} is left to put back."
    one = make.step(kind="capacity.raise_floor", plan=f"campaign:{plan.code}")
    Step.objects.filter(pk=one.pk).update(
        state="verified", started_at=NOW, finished_at=NOW, seen={"dial": 5}
    )
    assert run("revert", plan.code, "--as", "tomasz") == f"Reverting {one.key}.\n"
    assert Step.objects.get(pk=one.pk).state == "reverting"
