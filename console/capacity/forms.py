"""Input of this room: one service profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from console.capacity.models import ServiceProfile
from console.providers import queries as providers
from console.providers.ports import Scaler

if TYPE_CHECKING:
    Form = forms.ModelForm[ServiceProfile]
else:
    Form = forms.ModelForm

HALF = {"data-col": "w6 m12"}
THIRD = {"data-col": "w4 m12"}


class ProfileForm(Form):
    """What one service carries."""

    class Meta:
        model = ServiceProfile
        fields = (
            "title",
            "name",
            "connection",
            "group",
            "share",
            "rps_per_instance",
            "latency_ms",
            "maximum",
            "lead_time_s",
            "cost_per_hour",
            "pool",
            "workers",
            "connection_limit",
            "connection_reserve",
            "currency",
            "position",
            "enabled",
        )
        labels = {
            "rps_per_instance": "Requests an instance",
            "latency_ms": "Latency",
            "lead_time_s": "Lead time",
            "cost_per_hour": "Cost an hour",
            "connection_limit": "Database connections",
            "connection_reserve": "Kept free",
            "pool": "Pool",
            "enabled": "Part of every sale",
        }
        widgets = {
            "title": forms.TextInput(HALF),
            "name": forms.TextInput(HALF),
            "group": forms.TextInput(HALF),
            "share": forms.NumberInput(THIRD),
            "rps_per_instance": forms.NumberInput(THIRD | {"data-suffix": "/s"}),
            "latency_ms": forms.NumberInput(THIRD | {"data-suffix": "ms"}),
            "maximum": forms.NumberInput(THIRD),
            "lead_time_s": forms.NumberInput(THIRD | {"data-suffix": "s"}),
            "cost_per_hour": forms.NumberInput(THIRD),
            "pool": forms.NumberInput(HALF),
            "workers": forms.NumberInput(HALF),
            "connection_limit": forms.NumberInput(HALF),
            "connection_reserve": forms.NumberInput(HALF),
            "currency": forms.TextInput(HALF),
            "position": forms.NumberInput(HALF),
            "enabled": forms.CheckboxInput({"data-look": "switch"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the connections that can scale."""
        super().__init__(*args, **kwargs)
        names = providers.names(Scaler)
        kept = self.instance.connection
        choices = [(name, name) for name in dict.fromkeys([*names, kept]) if name]
        self.fields["connection"] = forms.ChoiceField(
            choices=choices,
            widget=forms.Select(attrs=HALF),
            help_text="The connection that scales the group.",
        )
