"""What of a sale waits: its waves and release rules, and the dialogs that plan them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from console import words
from console.shell.parts import part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.buffer_forms import ReasonForm, RuleForm, WaveRows
from console.stock.models import BufferRule
from console.stock.queries.waves import ReleasePlan
from console.stock.rules import HOLD_TTL_S, BadQuantity
from console.stock.rules.waves import Tranche, tranches
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "stock-changed"


def _tab_of(request: HttpRequest, pk: int) -> str:
    return tab(request, get_object_or_404(BufferRule, pk=pk).campaign)


@require_GET
@part_of(tab)
def waves(request: HttpRequest, campaign: str) -> HttpResponse:
    """What waits, and for what."""
    context: dict[str, object] = {"campaign_code": campaign, "read_at": clock.now()}
    context["plan"] = queries.release_plan(campaign)
    return render(request, "stock/_waves.html", context)


@require_http_methods(["GET", "POST"])
@part_of(tab)
def plan_waves(request: HttpRequest, campaign: str) -> HttpResponse:
    """Say in which waves the units of a sale are let go."""
    plan = queries.release_plan(campaign)
    shown = None if request.POST else _rows(request, plan)
    rows = WaveRows(request.POST or None, prefix="w", initial=shown)
    if rows.is_valid():
        said = [one for row in rows if (one := row.tranche()) is not None]
        seen = [
            int(x) for x in request.POST.get("seen", "").split(",") if x.isdecimal()
        ]
        if not said and not seen:
            told = "No wave is filled in. Say a percent and when it starts."
            raise BadQuantity(told, field="waves")
        units = operations.plan_waves(
            campaign, said, seen=seen, actor=person(request), now=clock.now()
        )
        fewer = len(seen) - len(said)
        text = f"{words.count(len(said), 'wave')} planned, "
        text = f"{text}{f'{fewer} removed, ' if fewer > 0 else ''}"
        text = f"{text}{words.count(units, 'unit')} wait"
        if not said:
            text = f"{words.count(len(seen), 'wave')} removed, no unit waits"
        return done(request, text, CHANGED)
    context = {"campaign_code": campaign, "plan": plan, "rows": rows}
    return render(request, "stock/_plan_waves.html", context)


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",") if one.isdecimal() and len(one) < 18]


def _rows(request: HttpRequest, plan: ReleasePlan) -> list[dict[str, object]]:
    """What the form starts from: the waves that wait, or those that are proposed."""
    if "propose" in request.GET:
        return [_row(one) for one in _proposed(plan)]
    waits = [one.of for one in plan.waves if one.of.opened_at is None]
    return [_row(Tranche(x.share, x.after_s, x.after_sold)) for x in waits]


def _row(one: Tranche) -> dict[str, object]:
    minutes = None if one.after_s is None else round(one.after_s / 60, 2)
    return {"share": one.share, "minutes": minutes, "sold": one.after_sold}


def _proposed(plan: ReleasePlan) -> Sequence[Tranche]:
    """Waves as fast as holds run out; the first is what is sold from the start."""
    gate = plan.gate
    length = _seconds(gate.opened_at, gate.ends_at) if gate else None
    ttl_s = gate.hold_ttl_s if gate else HOLD_TTL_S
    units = plan.sellable + plan.waiting
    return tranches(units, ttl_s=ttl_s, length_s=length)[1:]


def _seconds(since: datetime, until: datetime | None) -> int | None:
    return None if until is None else max(1, int((until - since).total_seconds()))


@require_http_methods(["GET", "POST"])
@part_of(tab)
def next_wave(request: HttpRequest, campaign: str) -> HttpResponse:
    """Start the next wave now, before its time."""
    if request.method == "POST":
        started = operations.open_next_wave(
            campaign, actor=person(request), now=clock.now()
        )
        units = words.count(started.opened_units, "unit")
        text = f"Wave {started.position} started, {units} let go"
        return done(request, text, CHANGED)
    context = {"campaign_code": campaign, "plan": queries.release_plan(campaign)}
    return render(request, "stock/_next_wave.html", context)


@require_http_methods(["GET", "POST"])
@part_of(tab)
def add_rule(request: HttpRequest, campaign: str) -> HttpResponse:
    """Say when the buffer of a sale is let go."""
    form = RuleForm(request.POST or None, campaign=campaign)
    if form.is_valid():
        made = operations.add_rule(
            campaign,
            form.terms(),
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Release rule {made.pk} made", CHANGED)
    lag = queries.lag_s(now=clock.now())
    context = {"campaign_code": campaign, "form": form, "lag": lag}
    return render(request, "stock/_add_rule.html", context)


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def run_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go by hand what a rule would."""
    one = get_object_or_404(BufferRule, pk=pk)
    if request.method == "POST":
        units = operations.run_rule(pk, actor=person(request), now=clock.now())
        return done(request, f"{words.count(units, 'unit')} let go", CHANGED)
    return render(request, "stock/_run_rule.html", {"one": one})


@require_http_methods(["GET", "POST"])
@part_of(_tab_of)
def drop_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing go by a rule."""
    one = get_object_or_404(BufferRule, pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        operations.drop_rule(
            pk,
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Release rule {pk} taken back", CHANGED)
    return render(request, "stock/_drop_rule.html", {"one": one, "form": form})
