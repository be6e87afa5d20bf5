"""The form of a campaign's terms: what, for whom, when."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from console.campaigns import rules
from console.campaigns.forms.fields import (
    CURRENCIES,
    FoldField,
    PersonField,
    ShareField,
    WallClockField,
    both_twice,
    people,
    say_decimals,
    zones,
)
from console.campaigns.forms.occasions import offer
from console.campaigns.forms.sections import Section, front, sections
from console.campaigns.models import Market, Occasion
from console.campaigns.operations import Terms
from console.campaigns.queries import places
from console.campaigns.rules import (
    CartsAtEnd,
    Folds,
    Opening,
    PriceKind,
    StartMode,
    Window,
)
from console.errors import Refusal
from console.fatigue.models import Audience
from console.shell.forms import SayingForm
from console.shell.widgets import LongSelect

MONEY = ("revenue_target", "budget_discount", "budget_gmv")


def _col(widget: forms.Widget, col: str, **attrs: str) -> forms.Widget:
    widget.attrs |= {"data-col": col, "autocomplete": "off"} | attrs
    return widget


class TermsForm(SayingForm):
    """What a campaign says besides its lines."""

    name = forms.CharField(max_length=120, widget=_col(forms.TextInput(), "w6"))
    revenue_target = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=3,
        widget=_col(forms.NumberInput(), "w3", step="any"),
    )
    owner = PersonField(people(), widget=_col(forms.Select(), "w3"))
    occasion = forms.ModelChoiceField(
        Occasion.objects.order_by("on", "pk"),
        required=False,
        empty_label="None",
        widget=_col(forms.Select(), "w4 m12"),
    )
    audience = forms.ModelChoiceField(
        Audience.objects.order_by("-size", "name"),
        empty_label=None,
        widget=_col(forms.Select(), "w4 m12"),
    )
    category = forms.CharField(
        required=False,
        max_length=100,
        widget=_col(forms.TextInput(), "w4 m12", list="categories"),
    )
    markets = forms.MultipleChoiceField(
        required=False,
        help_text="Tick none to sell in every market of the currency.",
        widget=_col(forms.CheckboxSelectMultiple(), "w6 m12"),
    )
    channels = forms.MultipleChoiceField(
        required=False, widget=_col(forms.CheckboxSelectMultiple(), "w6 m12")
    )
    start_mode = forms.ChoiceField(
        label="Markets start",
        choices=[(mode.value, mode.label) for mode in StartMode],
        required=False,
        widget=_col(forms.Select(), "w6 m12"),
    )
    opens_local = WallClockField(label="Starts", required=False)
    closes_local = WallClockField(label="Ends", required=False)
    zone = forms.ChoiceField(
        label="Time zone", choices=zones, widget=_col(LongSelect(), "w4 m12")
    )
    fold = FoldField()
    closes_fold = FoldField(
        label="If it shows the end twice too", unsaid="The same as the start"
    )
    expected_orders_peak = forms.IntegerField(
        label="Orders in the busiest minute",
        min_value=1,
        max_value=10_000_000,
        initial=60,
        widget=_col(forms.NumberInput(), "w3"),
    )
    hold_ttl_s = forms.IntegerField(
        label="Checkout hold",
        min_value=1,
        max_value=3600,
        initial=600,
        widget=_col(forms.NumberInput(), "w3", **{"data-suffix": "s"}),
    )
    carts_at_end = forms.ChoiceField(
        label="Carts at the end",
        choices=[(one.value, one.label) for one in CartsAtEnd],
        required=False,
        widget=_col(forms.Select(), "w6 m12"),
    )
    buyer_limit = forms.IntegerField(
        label="Units per buyer",
        required=False,
        min_value=1,
        max_value=100_000,
        widget=_col(forms.NumberInput(), "w3"),
    )
    order_limit = forms.IntegerField(
        label="Units per order",
        required=False,
        min_value=1,
        max_value=100_000,
        widget=_col(forms.NumberInput(), "w3"),
    )
    budget_units = forms.IntegerField(
        label="Budget, units sold",
        required=False,
        min_value=1,
        max_value=100_000_000,
        widget=_col(forms.NumberInput(), "w3"),
    )
    budget_discount = forms.DecimalField(
        label="Budget, discount",
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=_col(forms.NumberInput(), "w3", step="any"),
    )
    budget_gmv = forms.DecimalField(
        label="Budget, revenue",
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=_col(forms.NumberInput(), "w3", step="any"),
    )
    on_call = PersonField(
        people(),
        required=False,
        empty_label="Nobody",
        widget=_col(forms.Select(), "w3"),
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in CURRENCIES],
        required=False,
        widget=_col(forms.Select(), "w3"),
    )
    reach = ShareField(
        label="Audience share",
        help_text="100% is everybody",
        required=False,
        widget=_col(forms.NumberInput(), "w3", step="any", **{"data-suffix": "%"}),
    )
    price_kind = forms.ChoiceField(
        label="The price is for",
        help_text="Members and codes anybody can get count as everybody in the EU",
        choices=[(one.value, one.label) for one in PriceKind],
        required=False,
        widget=_col(forms.Select(), "w6 m12"),
    )
    up_to_percent = forms.IntegerField(
        label="Claims up to",
        required=False,
        min_value=1,
        max_value=99,
        widget=_col(forms.NumberInput(), "w3", **{"data-suffix": "%"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, frozen: bool = False, **options: Any) -> None:
        """frozen: to be read only."""
        super().__init__(*args, **options)
        offer(self.fields["occasion"])
        self._offer_places()
        for field in self.fields.values():
            field.disabled = frozen
        self._show_folds()

    def _show_folds(self) -> None:
        """Ask of the end on its own only where the start comes twice as well."""
        of = self.initial
        opens, closes = of.get("opens_local"), of.get("closes_local")
        twice = bool(opens and closes and both_twice(opens, closes, of["zone"]))
        for name, asked in (("fold", False), ("closes_fold", twice)):
            said = self[name].value() not in (None, "")
            FoldField.show(self, asked=asked or said, name=name)

    def _offer_places(self) -> None:
        """Markets and channels there are; what leaves no choice is not asked."""
        markets = [(one.code, str(one)) for one in Market.objects.order_by("name")]
        ways = places.channels()
        _choices(self.fields["markets"], markets)
        _choices(self.fields["channels"], ways)
        if not markets:
            del self.fields["markets"], self.fields["start_mode"]
        if len(ways) < 2:
            del self.fields["channels"]

    def clean(self) -> dict[str, Any]:
        """Resolve the window, so that its field can say what is wrong."""
        data = super().clean() or {}
        say_decimals(self, MONEY, data.get("currency") or "EUR")
        self.window: Window | None = None
        self.openings: list[Opening] = []
        opens, closes = data.get("opens_local"), data.get("closes_local")
        said = "opens_local" in data and "closes_local" in data
        if said and bool(opens) != bool(closes):
            missing = "closes_local" if opens else "opens_local"
            self.add_error(missing, "Choose both, when the sale starts and ends.")
        elif opens and closes and data.get("zone") and "currency" in data:
            self._resolve(opens, closes, data)
        return data

    def _resolve(self, opens: datetime, closes: datetime, data: dict[str, Any]) -> None:
        mode = StartMode(data.get("start_mode") or StartMode.INSTANT)
        zone, folds = data["zone"], Folds(data.get("fold"), data.get("closes_fold"))
        try:
            there = places.chosen(data.get("markets", ()), data["currency"] or "EUR")
            clocks = [one.zone for one in there if mode is StartMode.ROLLING] or [zone]
            if any(both_twice(opens, closes, clock) for clock in clocks):
                FoldField.show(self, asked=True, name="closes_fold")
            self.openings = rules.openings(
                opens, closes, zone, there, mode=mode, folds=folds
            )
            self.window = rules.envelope(self.openings)
        except Refusal as refused:
            if refused.field == "fold":
                FoldField.show(self, asked=True)
            known = refused.field in self.fields
            self.add_error(refused.field if known else None, refused.message)

    @property
    def front(self) -> list[forms.BoundField]:
        """The fields that stand open."""
        return front(self)

    @property
    def sections(self) -> list[Section]:
        """The others, in sections that are closed."""
        return sections(self)

    @property
    def terms(self) -> Terms:
        """What was entered."""
        data = self.cleaned_data
        return Terms(
            name=data["name"],
            audience_id=data["audience"].pk,
            owner_id=data["owner"].pk,
            zone=data["zone"],
            opens_local=data["opens_local"],
            closes_local=data["closes_local"],
            fold=data["fold"],
            closes_fold=data["closes_fold"],
            category=data["category"],
            occasion_id=data["occasion"].pk if data["occasion"] else None,
            on_call_id=data["on_call"].pk if data["on_call"] else None,
            revenue_target=data["revenue_target"],
            currency=data["currency"] or "EUR",
            markets=data.get("markets", ()),
            channels=data.get("channels") or ("web",),
            start_mode=data.get("start_mode") or StartMode.INSTANT,
            hold_ttl_s=data["hold_ttl_s"],
            carts_at_end=data["carts_at_end"] or CartsAtEnd.HONOUR,
            buyer_limit=data["buyer_limit"],
            order_limit=data["order_limit"],
            budget_units=data["budget_units"],
            budget_discount=data["budget_discount"],
            budget_gmv=data["budget_gmv"],
            expected_orders_peak=data["expected_orders_peak"],
            reach=data["reach"] or Decimal(1),
            price_kind=data["price_kind"] or PriceKind.PUBLIC,
            up_to_percent=data["up_to_percent"],
        )


def _choices(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = choices
