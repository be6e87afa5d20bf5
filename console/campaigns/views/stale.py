"""A stale save of a plan, its lines, people or markets, shown as three columns."""

from __future__ import annotations

from collections.abc import Mapping

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from console.audit import queries as audit
from console.campaigns.forms import LineForm, TermsForm, values_of
from console.campaigns.forms.announcing import ToldChangeForm
from console.campaigns.forms.desk import PeopleForm
from console.campaigns.forms.markets import MarketForm, PlaceForm
from console.campaigns.forms.occasions import OccasionForm
from console.campaigns.forms.risk import RiskForm
from console.campaigns.models import Announcement, Campaign, Line, Market, Occasion
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


def people(
    request: HttpRequest, campaign: Campaign, refused: StaleEdit, *, mine: PeopleForm
) -> HttpResponse:
    """Whom to reach of a campaign, and where."""
    newer = PeopleForm(initial=PeopleForm.values_of(campaign))
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of the people of {campaign.code}",
        back=reverse("campaigns:people", args=[campaign.code]),
        changes=_changes(campaign, list(newer.fields)),
    )


def announcement(
    request: HttpRequest,
    row: Announcement,
    refused: StaleEdit,
    *,
    mine: ToldChangeForm,
) -> HttpResponse:
    """One announcement of a plan."""
    newer, code = (
        ToldChangeForm(initial=ToldChangeForm.values_of(row)),
        row.campaign.code,
    )
    told = audit.last_changes(
        "campaigns.campaign", str(row.campaign_id), ["announcement"],
        also={"announcement": row.told.spelled()},
    )  # fmt: skip
    change = Change(*told.get("announcement", ("", None)))
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of an announcement of {code}",
        back=f"{reverse('campaigns:plan', args=[code])}#told",
        changes=changed_by(change, newer),
    )


def market(
    request: HttpRequest, held: Market, refused: StaleEdit, *, mine: MarketForm
) -> HttpResponse:
    """A market."""
    forms = mine, MarketForm(of=held)
    return _row(request, held, refused, *forms, back=reverse("campaigns:markets"))


def occasion(
    request: HttpRequest, held: Occasion, refused: StaleEdit, *, mine: OccasionForm
) -> HttpResponse:
    """What may justify a sale."""
    forms = mine, OccasionForm(of=held)
    return _row(request, held, refused, *forms, back=reverse("campaigns:occasions"))


def _row(
    request: HttpRequest,
    held: Market | Occasion,
    refused: StaleEdit,
    mine: Form,
    newer: Form,
    *,
    back: str,
) -> HttpResponse:
    """A row whose trail is its own. newer: the form of what is kept by now."""
    told = audit.last_changes(
        held._meta.label_lower, str(held.pk), list(newer.fields), also={}
    )
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of {held.name}",
        back=back,
        changes={name: Change(*who) for name, who in told.items()},
    )


def place(
    request: HttpRequest, shop: str, refused: StaleEdit, *, mine: PlaceForm
) -> HttpResponse:
    """Where a shop sells."""
    newer = PlaceForm(shop=shop)
    told = audit.last_changes("", shop, list(newer.fields), also={})
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of where {shop} sells",
        back=reverse("campaigns:markets"),
        changes={name: Change(*who) for name, who in told.items()},
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
