"""A plan with terms that are only being looked at."""

from __future__ import annotations

from dataclasses import replace

from console.campaigns.forms.terms import TermsForm
from console.campaigns.queries import conflicts, places
from console.campaigns.queries.readiness import Candidate


def tried(form: TermsForm, saved: Candidate) -> Candidate:
    """The saved plan with those entered values that make sense so far."""
    form.is_valid()
    data, window = form.cleaned_data, form.window
    audience, peak = data.get("audience"), data.get("expected_orders_peak")
    reach = data.get("reach") or saved.reach
    occasion = data.get("occasion")
    channels = data.get("channels") or sorted({way for way, _ in saved.spots})
    markets = [one.place.code for one in form.openings if one.place.code]
    return replace(
        saved,
        name=data.get("name") or saved.name,
        touch=saved.touch.shown_to(audience.slug, markets, float(reach))
        if audience and window
        else saved.touch,
        spots=conflicts.spots(channels, markets) if window else saved.spots,
        opens_at=window.opens_at if window else saved.opens_at,
        closes_at=window.closes_at if window else saved.closes_at,
        orders_peak=peak or saved.orders_peak,
        reach=reach,
        on_call=data.get("on_call") is not None,
        occasion=occasion.name if occasion else "",
        held=places.once(places.held(form.openings)) if window else saved.held,
        price_kind=data.get("price_kind") or saved.price_kind,
        up_to=data.get("up_to_percent", saved.up_to),
    )
