"""Pages of audiences: what is known of each, and two kinds of file that bring it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.errors import Refusal
from console.fatigue import audiences as found
from console.fatigue import saturating
from console.fatigue.contacts import merging
from console.shell.forms import SayingForm
from console.shell.parts import at, part_of
from console.shell.show import done, show

MOST_BYTES = 5_000_000


class ContactsForm(SayingForm):
    """A history of contacts."""

    file = forms.FileField(
        label="Contact history",
        help_text="CSV: customer, audience, channel (email, sms, push), day. A row "
        "without channel and day is a customer nobody told yet.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv", "data-col": "w12"}),
    )


class RatesForm(SayingForm):
    """How audiences answered."""

    file = forms.FileField(
        label="Rates",
        help_text="CSV: audience, day, unsubscribe, complaint, engagement; in per cent "
        "of the messages of that day.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv", "data-col": "w12"}),
    )


@require_safe
def audiences(request: HttpRequest) -> HttpResponse:
    """Show what is known of each audience."""
    return _page(request)


@require_safe
@part_of(at("fatigue:audiences"))
def files(request: HttpRequest) -> HttpResponse:
    """Show how far the files of contacts are."""
    context = {"incoming": found.incoming()}
    return render(request, "fatigue/_contact_files.html", context)


@require_POST
def add_contacts(request: HttpRequest) -> HttpResponse:
    """Take a history of contacts in; a worker merges it."""
    form = ContactsForm(request.POST, request.FILES, auto_id="contacts_%s")
    if not form.is_valid():
        return _page(request, contacts=form, status=422)
    try:
        kept = merging.receive(
            form.cleaned_data["file"],
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except Refusal as refused:
        form.add_error("file", refused.message)
        return _page(request, contacts=form, status=422)
    text = f"Merging {kept.total:,} rows of {kept}"
    return done(request, text, to=reverse("fatigue:audiences"), tone="info")


@require_POST
def add_rates(request: HttpRequest) -> HttpResponse:
    """Keep how audiences answered, from now on."""
    form = RatesForm(request.POST, request.FILES, auto_id="rates_%s")
    if not form.is_valid():
        return _page(request, rates=form, status=422)
    now = timezone.now()
    try:
        told = saturating.read(_text(form.cleaned_data["file"]), today=now.date())
    except Refusal as refused:
        form.add_error("file", refused.message)
        for row in (refused.detail or {}).get("rows", []):
            form.add_error("file", row)
        return _page(request, rates=form, status=422)
    new = saturating.measure(
        told,
        source=str(form.cleaned_data["file"].name),
        actor=request.user,  # type: ignore[arg-type]
        now=now,
    )
    text = f"{new} new of {len(told)} rows"
    return done(request, text, to=reverse("fatigue:audiences"))


def _text(file: Any) -> str:
    """The text of a sheet.

    Raises:
        WrongMeasurements: it is too large, or no UTF-8.
    """
    if file.size > MOST_BYTES:
        raise saturating.WrongMeasurements(
            "The sheet is larger than 5 MB. Split it.", field="file"
        )
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as bad:
        raise saturating.WrongMeasurements(
            "This is not a CSV file in UTF-8. Export it again as CSV.", field="file"
        ) from bad


def _page(
    request: HttpRequest,
    *,
    contacts: ContactsForm | None = None,
    rates: RatesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "known": found.known(timezone.now()),
        "incoming": found.incoming(),
        "contacts_form": contacts or ContactsForm(auto_id="contacts_%s"),
        "rates_form": rates or RatesForm(auto_id="rates_%s"),
    }
    return show(request, "fatigue/audiences.html", context, status=status)
