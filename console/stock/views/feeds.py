"""Feeds on the page of levels and on the Stock tab: how late, and what is held."""

from __future__ import annotations

from dataclasses import astuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from console import words
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.feed_forms import FeedForm
from console.stock.models import Feed
from console.stock.views import person

CHANGED = "feeds-changed"
HOME = "stock:levels"


@require_GET
@part_of(at(HOME))
def feeds(request: HttpRequest) -> HttpResponse:
    """Feed by feed: its last word, how late it is, and what waits.

    `quiet`: nothing is drawn while there is no feed.
    """
    now = clock.now()
    found, quiet = queries.feeds(now=now), "quiet" in request.GET
    context = {"feeds": found, "read_at": now, "quiet": quiet}
    return render(request, "stock/_feeds.html", context)


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def add(request: HttpRequest) -> HttpResponse:
    """Let one more source tell us of movements."""
    form = FeedForm(request.POST or None)
    if form.is_valid():
        made = operations.add_feed(
            form.cleaned_data["name"],
            form.terms(),
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Feed {made} may send now", CHANGED, to=HOME)
    return render(request, "stock/_feed.html", {"form": form})


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Change what is known of a feed."""
    one = get_object_or_404(Feed, name=name)
    form = FeedForm(request.POST or None, of=one)
    if form.is_valid():
        actor, now = person(request), clock.now()
        operations.change_feed(name, form.terms(), actor=actor, now=now)
        return done(request, f"Feed {name} changed", CHANGED, to=HOME)
    return render(request, "stock/_feed.html", {"form": form, "one": one})


@require_GET
@part_of(at(HOME))
def held(request: HttpRequest, name: str) -> HttpResponse:
    """The movements of a feed that a person has to decide on."""
    one = get_object_or_404(Feed, name=name)
    page = queries.held_movements(name, request.GET.get("page", "1"))
    return render(request, "stock/_held.html", {"feed": one, "held": page})


@require_POST
@part_of(at(HOME))
def settle(request: HttpRequest, name: str) -> HttpResponse:
    """Try movements again, or discard them."""
    get_object_or_404(Feed, name=name)
    ids = [int(pk) for pk in request.POST.getlist("pk") if _is_key(pk)]
    actor, now = person(request), clock.now()
    if request.POST.get("act") == "discard":
        reason = request.POST.get("reason", "").replace("\0", "")
        count = operations.discard_movements(
            name, ids, reason=reason, actor=actor, now=now
        )
        text = f"{words.count(count, 'movement')} discarded"
        return done(request, text, CHANGED, to=HOME)
    found = operations.retry_movements(name, ids, actor=actor, now=now)
    counts = {
        "cannot be booked yet": found.left,
        "parked by a fence": found.parked,
        "decided on before": len(set(ids)) - sum(astuple(found)),
    }
    sub = "; ".join(f"{words.count(n, 'movement')} {x}" for x, n in counts.items() if n)
    text = f"{words.count(found.settled, 'movement')} settled"
    tone = "warn" if sub else "ok"
    return done(request, text, CHANGED, "levels-changed", to=HOME, tone=tone, sub=sub)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
