"""The dialog that unlocks: its effect is told before, and the code is typed by hand."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from console import words
from console.shell.nav import way
from console.shell.parts import at, part_of
from console.shell.show import done
from console.stock import clock, operations
from console.stock.forms import Unlock
from console.stock.queries.unlocking import unlocked
from console.stock.views import person
from console.stock.views.dialogs import CHANGED, seen_of


@require_http_methods(["GET", "POST"])
@part_of(at("stock:home"))
def unlock(request: HttpRequest) -> HttpResponse:
    """Give back what nobody holds of each SKU that is ticked."""
    sent = request.POST or request.GET
    seen, now = seen_of(sent.getlist("pk")), clock.now()
    effect = unlocked((pk for pk, _ in seen), now=now)
    if effect is None:
        raise Http404("None of these is locked any more.")
    form = Unlock(request.POST or None, code=effect.campaign)
    if form.is_valid():
        back = operations.unlock(
            seen, reason=form.cleaned_data["reason"], actor=person(request), now=now
        )
        each = words.count(len(seen), "SKU")
        text = f"{words.count(back, 'unit')} of {each} given back"
        return done(request, text, CHANGED, tone="warn")
    known = dict(seen)
    ticked = [x for x in effect.ticked if not known[int(x.partition(":")[0])]]
    ticked += [f"{pk}:{version}" for pk, version in seen if version]
    abort = way(request, "campaigns:abort", effect.campaign)
    context = {"form": form, "effect": effect, "ticked": ticked, "abort": abort}
    return render(request, "stock/_unlock.html", context)
