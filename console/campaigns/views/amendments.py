"""Amendments: the list of them, a new one, one before and after, and the decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns import operations, queries, rules
from console.campaigns.forms.amendments import AmendForm, Wishes, mark
from console.campaigns.models import Amendment, Campaign
from console.campaigns.queries import amendments as found
from console.campaigns.queries import suggestions
from console.campaigns.queries.drift import drift
from console.campaigns.queries.waiting import awaited
from console.campaigns.rules import AmendmentState, Event, State
from console.campaigns.views.asked import actor
from console.errors import Refusal
from console.shell import policy
from console.shell.show import done

ROWS = 50
BLANK = 3


@require_safe
def changes(request: HttpRequest, code: str) -> HttpResponse:
    """List what was amended, and what else moved since the approval."""
    head = queries.head(code)
    amendments = found.of(head.campaign)
    context = {
        "campaign": head,
        "tab": "changes",
        "amendments": amendments,
        "awaiting": _awaiting(request, amendments),
        "moved": found.moved(head.campaign, amendments),
        "drift": drift(head.campaign, now=timezone.now()),
        "awaited": awaited(head.campaign),
        "editable_wait": head.campaign.state == State.DRAFT,
    }
    return render(request, "campaigns/changes.html", context)


def _awaiting(request: HttpRequest, amendments: list[Amendment]) -> list[Amendment]:
    """Those this person may decide: proposed, and by somebody else."""
    if not policy.may(request.user, "campaigns.approve"):
        return []
    own = actor(request).pk
    open_ = [one for one in amendments if one.state == AmendmentState.PROPOSED]
    return [one for one in open_ if one.proposed_by_id != own]


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, code: str) -> HttpResponse:
    """Propose a change of an armed or live sale; of any other it is refused."""
    head = queries.head(code)
    rules.after(head.campaign.state, Event.AMEND)
    rows = Wishes(request.POST or None, initial=_rows(request, head.campaign))
    form = AmendForm(
        request.POST or None,
        initial=_initial(head.campaign),
        of=head.campaign,
    )
    if made := _proposed(request, code, rows, form):
        there = reverse("campaigns:amendment", args=[code, made.number])
        return done(request, f"Amendment {made.number} is proposed", to=there)
    context = {
        "campaign": head,
        "tab": "changes",
        "rows": rows,
        "form": form,
        "text": request.GET.get("q", ""),
        "more": max(0, _lines(request, head.campaign).count() - ROWS),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/amend.html", context, status=status)


def _proposed(
    request: HttpRequest, code: str, rows: Wishes, form: AmendForm
) -> Amendment | None:
    """What is proposed, if it is; else the fields say what is wrong."""
    if request.method != "POST" or not all([rows.is_valid(), form.is_valid()]):
        return None
    try:
        return operations.propose(
            code,
            form.change(rows.wishes),
            reason=form.cleaned_data["reason"],
            actor=actor(request),
            now=timezone.now(),
        )
    except Refusal as refused:
        if not mark(rows, form, refused):
            raise
        return None


def _lines(request: HttpRequest, campaign: Campaign) -> Any:
    lines = campaign.lines.order_by("position", "pk")
    text = request.GET.get("q", "").strip()
    return lines.filter(sku__code__icontains=text) if text else lines


def _rows(request: HttpRequest, campaign: Campaign) -> list[dict[str, Any]]:
    """Products that may be added, then those the sale has."""
    codes = request.GET.getlist("add")[:ROWS]
    added = suggestions.lines(campaign, codes, now=timezone.now())
    there = _lines(request, campaign).select_related("sku")[:ROWS]
    return [
        *added,
        *(
            {
                "sku": line.sku.code,
                "sale_price": rules.plain(line.sale_price),
                "units": line.units,
                "buffer": line.buffer,
                "known": str(line.sku),
                "regular": line.regular_price,
            }
            for line in there
        ),
        *({} for _ in range(BLANK)),
    ]


def _initial(campaign: Campaign) -> dict[str, Any]:
    return {
        "closes_local": campaign.closes_local,
        "base": campaign.content_hash,
    }


def _one(code: str, number: int) -> Amendment:
    every = Amendment.objects.select_related("campaign", "proposed_by", "decided_by")
    return get_object_or_404(every, campaign__code=code, number=number)


@require_safe
def amendment(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show one amendment: before and after, and what it would newly break."""
    made = _one(code, number)
    context = {
        "campaign": queries.head(code),
        "tab": "changes",
        "shown": found.shown(made, by=actor(request).pk),
        "made": made,
    }
    return render(request, "campaigns/amendment.html", context)


@require_POST
def approve(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Approve exactly what was read."""
    made = operations.approve_amendment(
        _one(code, number).pk,
        content_hash=request.POST.get("content_hash", ""),
        actor=actor(request),
        now=timezone.now(),
    )
    said = "is being applied" if made.state == "approved" else "is applied"
    return _told(request, made, f"Amendment {number} {said}")


@require_POST
def reject(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Turn it down, saying why."""
    made = operations.reject_amendment(
        _one(code, number).pk,
        reason=request.POST.get("reason", ""),
        actor=actor(request),
        now=timezone.now(),
    )
    return _told(request, made, f"Amendment {number} is turned down")


@require_POST
def withdraw(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Take a proposal back."""
    made = operations.withdraw_amendment(
        _one(code, number).pk, actor=actor(request), now=timezone.now()
    )
    return _told(request, made, f"Amendment {number} is withdrawn")


def _told(request: HttpRequest, made: Amendment, text: str) -> HttpResponse:
    there = reverse("campaigns:amendment", args=[made.campaign.code, made.number])
    return done(request, text, to=there)
