"""Decisions and controls: one dialog each, one call down each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.campaigns import operations, queries
from console.campaigns.forms import DecisionForm
from console.campaigns.models import Campaign
from console.campaigns.queries import approvals, readiness
from console.campaigns.queries.brief import Head
from console.campaigns.rules import State
from console.campaigns.views.asked import CHANGED, HtmxHttpRequest, actor
from console.errors import Refusal
from console.shell.show import done, show


@dataclass(frozen=True)
class Action:
    """One button with its dialog.

    asks: fields of DecisionForm; `reason!` must be filled in.
    typed: pages ask for the code, typed by hand. stays: the page it came from refreshes
    itself.
    effects: what will happen, as icon and sentence.
    """

    name: str
    need: str
    act: Callable[..., Campaign]
    title: str
    button: str
    said: str
    asks: tuple[str, ...] = ()
    effects: tuple[tuple[str, str], ...] = ()
    danger: bool = False
    typed: bool = False
    stays: bool = False


_SUBMIT, _APPROVE, _CONTROL = (
    "campaigns.submit",
    "campaigns.approve",
    "campaigns.control",
)
ACTIONS = {
    action.name: action
    for action in (
        Action(
            "submit", _SUBMIT, operations.submit, "Submit for approval", "Submit",
            "Sent for approval", asks=("override", "override_until"),
            effects=(("eye", "People who did not work on it decide"),
                     ("lock", "Any change before that makes it a draft again")),
        ),
        Action(
            "withdraw", _SUBMIT, operations.withdraw, "Take back to edit", "Take back",
            "Taken back: it is a draft again",
            effects=(("pencil", "It becomes a draft, and needs approval again"),
                     ("package", "Stock that was locked for it is returned")),
        ),
        Action(
            "discard", "campaigns.edit", operations.discard, "Discard the draft",
            "Discard", "Discarded", danger=True,
            effects=(("trash-2", "It stays in the list, as aborted"),),
        ),
        Action(
            "approve", _APPROVE, operations.approve, "Approve and arm", "Approve",
            "Approved and armed", asks=("content_hash!",),
            effects=(("package", "The last approval locks its stock"),
                     ("list-checks", "Every step of the sale is scheduled"),
                     ("lock", "From then on it runs without a human")),
        ),
        Action(
            "break_glass", "campaigns.glass", operations.break_glass,
            "Break the glass: approve and arm alone", "Break the glass",
            "Armed by you alone; somebody else reviews it",
            asks=("reason!", "typed!", "content_hash!"), danger=True,
            effects=(("users", "Nobody else needs to approve it"),
                     ("tag", "How much off a role may give is not asked"),
                     ("bell", "An alarm stands until somebody else has reviewed it"),
                     ("lock", "The campaign is not closed before that")),
        ),
        Action(
            "reject", _APPROVE, operations.reject, "Send back", "Send back",
            "Sent back to its author", asks=("reason!",), danger=True,
        ),
        Action(
            "arm", _APPROVE, operations.arm, "Arm", "Arm", "Armed",
            effects=(("package", "Its stock is locked"),
                     ("list-checks", "Every step of the sale is scheduled")),
        ),
        Action(
            "pause", _CONTROL, operations.pause, "Pause the sale", "Pause", "Paused",
            asks=("reason",), stays=True,
            effects=(("hand", "No new reservations are taken"),
                     ("timer", "Checkouts under way may finish")),
        ),
        Action(
            "resume", _CONTROL, operations.resume, "Resume the sale", "Resume",
            "Live again", stays=True,
            effects=(("play", "Reservations are taken again"),),
        ),
        Action(
            "extend", _CONTROL, operations.extend, "Extend the sale", "Extend",
            "End moved", asks=("closes_local!", "fold", "countdown", "reason"),
            stays=True,
            effects=(("clock", "Every step of the wind-down moves with it"),),
        ),
        Action(
            "end", _CONTROL, operations.end_now, "Kill switch: end the sale",
            "End for good",
            "Ending", asks=("reason!",), danger=True, typed=True, stays=True,
            effects=(("ban", "No new reservations, for good"),
                     ("tag", "Prices go back, stock is returned, floors go down")),
        ),
        Action(
            "abort", _CONTROL, operations.abort, "Abort the campaign", "Abort",
            "Aborted", asks=("reason!",), danger=True, typed=True, stays=True,
            effects=(("ban", "What is planned is dropped"),
                     ("undo-2", "What was done is undone, stock is returned")),
        ),
    )
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HtmxHttpRequest, code: str, name: str) -> HttpResponse:
    """Ask for one decision or control, or carry it out."""
    action, head = ACTIONS[name], queries.head(code)
    judged = _judged(action, head)
    asks = _asks(action, judged)
    form = DecisionForm(
        request.POST or None,
        asks=asks,
        of=head.campaign,
        over=_passable(judged),
        initial=_initial(head),
        auto_id="act_%s",  # the page below has fields of the same names
    )
    sent = request.method == "POST" and (not asks or form.is_valid())
    if sent and (after := _after(request, action, code, form)):
        return _told(request, action, after)
    action = _worded(action, judged)
    context = {"campaign": head, "action": action, "form": form, "tab": "", **judged}
    status = 422 if form.errors else 200
    return show(request, "campaigns/action.html", context, status=status)


def _after(
    request: HtmxHttpRequest, action: Action, code: str, form: DecisionForm
) -> Campaign | None:
    """The campaign after it; None if a field that is shown says what is wrong.

    Raises:
        Refusal: about none of the fields that are shown.
    """
    said = _said(action, form) if form.fields else {}
    try:
        return action.act(code, **said, actor=actor(request), now=timezone.now())
    except Refusal as refused:
        if refused.field not in {field.name for field in form.visible_fields()}:
            raise
        form.add_error(refused.field, refused.message)
        return None


def _said(action: Action, form: DecisionForm) -> dict[str, Any]:
    """What the operation wants to hear; the code typed to confirm is the page's own."""
    said = {k: v for k, v in form.cleaned_data.items() if v not in ("", None)}
    return {k: v for k, v in said.items() if not (action.typed and k == "typed")}


def _passable(judged: dict[str, Any]) -> list[str]:
    """The blockers an approver may pass over, in words."""
    verdict = judged.get("verdict")
    blockers = verdict.blockers if verdict else ()
    return [check.text for check in blockers if check.overridable]


def _asks(action: Action, judged: dict[str, Any]) -> tuple[str, ...]:
    """An override is only asked for where it would help; there, it has its reason."""
    if action.typed:
        return (*action.asks, "typed!")
    verdict = judged.get("verdict")
    if action.name == "submit" and verdict:
        return ("override!", "override_until") if _passable(judged) else ()
    return action.asks


def _worded(action: Action, judged: dict[str, Any]) -> Action:
    """Only the last of several approvals arms."""
    progress = judged.get("approvals")
    if action.name == "approve" and progress and progress.missing > 1:
        return replace(action, title="Approve")
    return action


def _initial(head: Head) -> dict[str, Any]:
    campaign = head.campaign
    return {
        "content_hash": campaign.content_hash,
        "closes_local": campaign.closes_local,
        "override_until": campaign.opens_local,
        "override": campaign.override_reason,
    }


def _judged(action: Action, head: Head) -> dict[str, Any]:
    if action.name not in ("approve", "submit", "break_glass"):
        return {}
    verdict = readiness.verdict(head.campaign, now=timezone.now())
    return {"verdict": verdict, "approvals": approvals.shown(head.campaign)}


def _told(request: HtmxHttpRequest, action: Action, after: Campaign) -> HttpResponse:
    code, words = after.code, action.said
    if action.name == "approve" and after.state == State.APPROVED:
        words = "Approved; a freeze, or a sale it waits for, keeps it from being armed"
    if action.name == "approve" and after.state == State.IN_REVIEW:
        words = f"{approvals.progress(after).text}; it waits for somebody else"
    there = reverse("campaigns:plan", args=[code])
    if action.stays and request.htmx:
        return done(request, f"{code}: {words}", CHANGED, to=there)
    if request.htmx and request.htmx.current_url_abs_path:
        # with its fragment the browser would only scroll, and load nothing
        there = request.htmx.current_url_abs_path.partition("#")[0]
    return done(request, f"{code}: {words}", to=there)
