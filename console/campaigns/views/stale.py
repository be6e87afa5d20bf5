"""A stale save of a plan, a line or the table of risks, shown as three columns."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from console.audit import queries as audit
from console.campaigns.forms import LineForm, TermsForm, values_of
from console.campaigns.forms.risk import RiskForm
from console.campaigns.models import Campaign, Line
from console.campaigns.queries import approvals
from console.campaigns.rules import StaleEdit, plain
from console.shell.diff import Change, changed_by, differ


def terms(
    request: HttpRequest, campaign: Campaign, refused: StaleEdit, *, mine: TermsForm
) -> HttpResponse:
    """The terms of a plan."""
    newer = TermsForm(initial=values_of(campaign))
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of {campaign.code}",
        back=reverse("campaigns:plan", args=[campaign.code]),
        changes=_changes(campaign, list(newer.fields)),
    )


def line(
    request: HttpRequest, found: Line, refused: StaleEdit, *, mine: LineForm
) -> HttpResponse:
    """The cells of a line."""
    newer = LineForm(line=found, initial=cells(found))
    code = found.campaign.code
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of {found.sku.code}",
        back=f"{reverse('campaigns:plan', args=[code])}#row-{found.pk}",
        changes=_changes(found.campaign, list(newer.fields), sku=found.sku.code),
    )


def cells(found: Line) -> dict[str, object]:
    """The cells of a line as they are typed."""
    return {
        "sale_price": plain(found.sale_price),
        "units": found.units,
        "buffer": found.buffer,
        "version": found.version,
    }


def risks(request: HttpRequest, refused: StaleEdit, *, mine: RiskForm) -> HttpResponse:
    """The table of risks; a version is saved as a whole."""
    newer, held = RiskForm(of=approvals.table(), may=True), approvals.versions()
    change = Change("", None)
    if held:
        author = held[0].author
        change = Change(author.get_full_name() or author.get_username(), held[0].since)
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title="Two edits of the approvers",
        back=reverse("campaigns:risks"),
        changes=changed_by(change, newer),
    )


def _changes(
    campaign: Campaign, names: list[str], *, sku: str = ""
) -> Mapping[str, Change]:
    """Who changed each field last, from the trail."""
    told = audit.last_changes(
        "campaigns.campaign", str(campaign.pk), [*names, *(f"{n}_id" for n in names)],
        also={"sku": sku} if sku else {},
    )  # fmt: skip
    return {
        name.removesuffix("_id"): Change(who, at) for name, (who, at) in told.items()
    }
