"""Stuck units of a campaign: what the last look found, a look now, and freeing them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from console import words
from console.shell.parts import part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.queries.young import young
from console.stock.rules.stuck import LOOKED_WITHIN, Stuck
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "stock-changed"


@require_GET
@part_of(tab)
def undersell(request: HttpRequest, campaign: str) -> HttpResponse:
    """Say in one line whether units are neither for sale nor sold."""
    run, now = queries.last_undersell(), clock.now()
    found = [Stuck(**one) for one in run.findings] if run else []
    ours = [one for one in found if one.campaign == campaign]
    context = {
        "campaign_code": campaign,
        "run": run,
        "young": run is None and young(now),
        "late": run is not None and now - run.at > LOOKED_WITHIN,
        "stuck": ours,
        "units": sum(one.units for one in ours),
    }
    return render(request, "stock/_undersell.html", context)


@require_GET
@part_of(tab)
def look(request: HttpRequest, campaign: str) -> HttpResponse:
    """Look now, and list what reclaiming would do."""
    now = clock.now()
    found = operations.reclaim(campaign, dry=True, actor=None, now=now)
    context = {
        "campaign_code": campaign,
        "stuck": found,
        "free": sum(one.units for one in found if not one.why),
        "read_at": now,
    }
    return render(request, "stock/_stuck.html", context)


@require_POST
@part_of(tab)
def reclaim(request: HttpRequest, campaign: str) -> HttpResponse:
    """Free what is stuck."""
    now = clock.now()
    found = operations.reclaim(campaign, dry=False, actor=person(request), now=now)
    operations.look_for_stuck(now=now)
    units = sum(one.units for one in found if not one.why)
    text = f"{words.count(units, 'unit')} reclaimed" if units else "Nothing was stuck"
    return done(request, text, CHANGED)
