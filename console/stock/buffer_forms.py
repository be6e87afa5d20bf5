"""Input of what is held back: policies, release rules and waves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from console.shell.forms import SayingForm
from console.stock.forms import FIRST, NUMBER, REASON, TEXT, whole
from console.stock.models import Allocation, BufferPolicy
from console.stock.operations import PolicyTerms, RuleTerms
from console.stock.rules.buffers import BufferScope
from console.stock.rules.waves import MOST_WAVES, ReleaseWhen, Tranche

WHOLE = forms.Select(attrs={"data-col": "w6 m12"})


class PolicyAmount(SayingForm):
    """What a policy holds back."""

    units = whole(
        required=False, help_text="Of each SKU, in all its locations; or percent."
    )
    percent = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text="Of what is on hand, rounded up.",
        widget=forms.NumberInput(attrs=NUMBER | {"step": "any"}),
    )
    low_at = whole(
        required=False,
        label="Last units to protect",
        help_text="The SKU counts as unavailable once no more than these are left.",
    )
    reason = REASON
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, of: BufferPolicy | None = None, **kwargs: Any
    ) -> None:
        """Start from what is held back now."""
        super().__init__(*args, **kwargs)
        if of is not None:
            for name in ("units", "percent", "low_at", "version"):
                self.initial.setdefault(name, getattr(of, name))

    def terms(self) -> PolicyTerms:
        """What was asked for; an empty form of units asks for none beside the last."""
        units, percent = self.cleaned_data["units"], self.cleaned_data["percent"]
        low_at = self.cleaned_data["low_at"] or 0
        if units is None and percent is None and low_at:
            units = 0
        return PolicyTerms(units, percent, low_at)


class PolicyForm(PolicyAmount):
    """A new policy: of what, and how much."""

    level = forms.ChoiceField(
        label="Holds back of",
        choices=[(one.value, one.label) for one in BufferScope],
        widget=WHOLE,
    )
    target = forms.CharField(
        required=False,
        max_length=200,
        label="Which",
        help_text="Code of a SKU, name of a category, location or store connection.",
        widget=forms.TextInput(attrs=TEXT | {"autofocus": True}),
    )
    field_order = ("level", "target", "units", "percent", "low_at", "reason")

    def scope(self) -> BufferScope:
        """What it holds back of."""
        return BufferScope(self.cleaned_data["level"])


class ReasonForm(SayingForm):
    """Why something is taken back."""

    reason = REASON
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


if TYPE_CHECKING:
    _Choice = forms.ModelChoiceField[Allocation]
else:
    _Choice = forms.ModelChoiceField


class SkuChoice(_Choice):
    """Allocations, named by their SKU."""

    def label_from_instance(self, obj: Any) -> str:
        """The SKU's code."""
        return str(obj.sku.code)


class RuleForm(SayingForm):
    """When the buffer of a sale is let go."""

    when = forms.ChoiceField(
        label="Let go when",
        choices=[(one.value, one.label) for one in ReleaseWhen],
        initial=ReleaseWhen.LAST_PERCENT.value,
        widget=WHOLE,
    )
    value = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=2,
        label="Seconds of lag, or percent of the time",
        help_text="Leave it empty where somebody lets it go by hand.",
        widget=forms.NumberInput(attrs=FIRST | {"step": "any"}),
    )
    allocation = SkuChoice(
        Allocation.objects.none(),
        required=False,
        label="SKU",
        empty_label="Every SKU of the sale",
        widget=WHOLE,
    )
    units = whole(
        required=False,
        least=1,
        help_text="Of each SKU; empty lets all go that no wave waits for.",
    )
    reason = REASON

    def __init__(self, *args: Any, campaign: str, **kwargs: Any) -> None:
        """Offer the SKUs the sale holds."""
        super().__init__(*args, **kwargs)
        held = Allocation.objects.filter(campaign=campaign, returned_at=None)
        field = self.fields["allocation"]
        assert isinstance(field, SkuChoice)
        field.queryset = held.select_related("sku").order_by("sku__code")

    def terms(self) -> RuleTerms:
        """What was asked for."""
        said = self.cleaned_data
        one = said["allocation"]
        return RuleTerms(
            ReleaseWhen(said["when"]),
            said["value"],
            said["units"],
            one.pk if one is not None else None,
        )


class WaveRow(SayingForm):
    """One wave: a percentage, and after how many minutes or percent sold it starts."""

    share = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        label="Percent of each SKU",
        widget=forms.NumberInput(attrs=NUMBER | {"step": "any"}),
    )
    minutes = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_value=100_000,
        decimal_places=2,
        label="Minutes after the opening",
        widget=forms.NumberInput(attrs=NUMBER | {"step": "any"}),
    )
    sold = whole(required=False, least=1, most=100, label="Or percent sold")

    def tranche(self) -> Tranche | None:
        """The wave of this row; nothing where the row is empty."""
        said = self.cleaned_data
        share, minutes, sold = map(said.get, ("share", "minutes", "sold"))
        if share is None and minutes is None and sold is None:
            return None
        after_s = None if minutes is None else round(minutes * 60)
        return Tranche(share or Decimal(0), after_s, sold)


WaveRows = forms.formset_factory(
    WaveRow, extra=3, max_num=MOST_WAVES, absolute_max=MOST_WAVES + 3
)
