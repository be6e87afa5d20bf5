"""Input about where sales happen: a market, a channel, the place of a shop."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from console.campaigns.forms.fields import CURRENCIES, VersionField, zones
from console.campaigns.models import Market
from console.campaigns.operations import MarketTerms
from console.campaigns.queries import places, versions
from console.campaigns.rules.versions import NOT_THERE, fingerprint
from console.errors import Refusal
from console.prices.rules.packs import OPTIONS, packs
from console.shell.forms import SayingForm
from console.shell.widgets import LongSelect


def _laws() -> list[tuple[str, str]]:
    return [(one.id, one.title) for one in {p.id: p for p in packs()}.values()]


def _listed(text: str) -> list[str]:
    return text.replace(";", ",").replace(",", " ").split()


class MarketForm(SayingForm):
    """Countries with one currency, one clock and one law."""

    code = forms.RegexField(
        r"^[A-Z][A-Z0-9-]*$",
        max_length=12,
        help_text="Short, in capitals: DE, NORDICS.",
        error_messages={"invalid": "Capitals and digits only, like DE or NORDICS."},
        widget=forms.TextInput(attrs={"data-col": "w4 m12"}),
    )
    name = forms.CharField(
        max_length=60, widget=forms.TextInput(attrs={"data-col": "w8 m12"})
    )
    countries = forms.CharField(
        max_length=1200,
        help_text="Two letters each, like DE, AT. A country belongs to one market.",
        widget=forms.TextInput(attrs={"data-col": "w12"}),
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=zones,
        widget=LongSelect(attrs={"data-col": "w6 m12"}),
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in CURRENCIES],
        widget=forms.Select(attrs={"data-col": "w6 m12"}),
    )
    pack = forms.ChoiceField(
        label="Law on price reductions",
        choices=_laws,
        widget=forms.Select(attrs={"data-col": "w12"}),
    )

    options = forms.MultipleChoiceField(
        label="What the member state adopted",
        choices=list(OPTIONS.items()),
        required=False,
        help_text="Options of directive 98/6/EC, article 6a. Ask a lawyer.",
        widget=forms.CheckboxSelectMultiple(attrs={"data-col": "w12"}),
    )
    version = VersionField()

    def __init__(self, *args: Any, of: Market | None = None, **options: Any) -> None:
        """Show a market; its code and currency stay."""
        super().__init__(*args, **options)
        self.initial.update(zone=settings.SHOP_ZONE, version=NOT_THERE)
        if of is None:
            self.fields["version"].required = False
            return
        said = versions.market(of)
        listed = ", ".join(said["countries"])
        self.initial.update(said, countries=listed, version=fingerprint(said))
        self.fields["code"].disabled = self.fields["currency"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Look at the countries, so that their field says what is wrong."""
        data = super().clean() or {}
        if "countries" in data:
            try:
                places.check_free(data.get("code", ""), _listed(data["countries"]))
            except Refusal as refused:
                self.add_error("countries", refused.message)
        return data

    @property
    def terms(self) -> MarketTerms:
        """What was entered."""
        data = {n: v for n, v in self.cleaned_data.items() if n != "version"}
        return MarketTerms(**data | {"countries": _listed(data["countries"])})


class ChannelForm(SayingForm):
    """A way to sell whose prices stand on their own."""

    name = forms.CharField(
        max_length=60,
        help_text="For example: App, Marketplace.",
        widget=forms.TextInput(attrs={"data-col": "w12"}),
    )


class PlaceForm(SayingForm):
    """Which channel and markets a connected shop serves."""

    channel = forms.ChoiceField(widget=forms.Select(attrs={"data-col": "w12"}))
    markets = forms.MultipleChoiceField(
        required=False,
        help_text="All of a sale's markets if none is ticked.",
        widget=forms.CheckboxSelectMultiple(attrs={"data-col": "w12"}),
    )

    version = VersionField()

    def __init__(self, *args: Any, shop: str, **options: Any) -> None:
        """Show where a shop sells now."""
        super().__init__(*args, **options)
        said = versions.place(shop)
        self.initial.update(said, version=fingerprint(said))
        self._offer("channel", places.channels())
        named = Market.objects.order_by("name", "pk").values_list("code", "name")
        self._offer("markets", list(named))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
