"""What the component sheet shows: every shared part once, with sample values."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

COLOURS = {
    "Neutral": "canvas surface surface-2 surface-3 line line-strong line-ctl "
    "ink-3 ink-2 ink",
    "Accent: act, select, focus": "accent-tint accent-line accent accent-ink",
    "State": "ok-tint ok ok-ink warn-tint warn warn-ink bad-tint bad bad-ink bad-solid",
    "Series": "c-1 c-2 c-3 c-4 c-ref",
    "Stock": "stk-sold stk-resv stk-left stk-buf stk-free stk-comm",
    "Fatigue": "heat-0 heat-1 heat-2 heat-3 heat-4",
}
TYPE = [
    ("3xl", 34, "semi", "1:47:36"),
    ("2xl", 26, "semi", "€1,820,072"),
    ("xl", 20, "semi", "Page title"),
    ("lg", 16, "semi", "Dialog title"),
    ("md", 14, "semi", "Panel title"),
    ("sm", 13, "regular", "Working text, tables, forms"),
    ("xs", 12, "regular", "Captions, table heads"),
]
CAMPAIGN = (
    "draft in_review approved armed warming ready live paused ending closed "
    "aborted failed"
)
STEP = "planned due running verifying verified failed skipped reverting reverted"


class Sample(forms.Form):
    """One field of every kind."""

    name = forms.CharField(
        help_text="Shown to staff only", widget=forms.TextInput({"data-col": "w6"})
    )
    sale_price = forms.DecimalField(
        max_value=Decimal("95.20"),
        error_messages={
            "max_value": "Not below the 30-day low of €119.00. "
            "Highest valid price: €95.20."
        },
        widget=forms.NumberInput({"data-col": "w6", "data-prefix": "€"}),
    )
    audience = forms.ChoiceField(
        required=False,
        choices=[("all", "Everyone"), ("members", "Members")],
        widget=forms.Select({"data-col": "w6"}),
    )
    starts = forms.DateTimeField(
        widget=forms.DateTimeInput({"type": "datetime-local", "data-col": "w6"})
    )
    reason = forms.CharField(
        required=False,
        widget=forms.Textarea(
            {"rows": 3, "placeholder": "What the next person should know"}
        ),
    )
    paused_time = forms.BooleanField(
        label="Add paused time", widget=forms.CheckboxInput({"data-col": "w6"})
    )
    occasion = forms.BooleanField(
        label="Needs an occasion",
        widget=forms.CheckboxInput({"data-look": "switch", "data-col": "w6"}),
    )
    clash = forms.ChoiceField(
        choices=[("block", "Block"), ("warn", "Warn only")],
        widget=forms.RadioSelect({"data-col": "w6"}),
    )
    zoom = forms.ChoiceField(
        choices=[("month", "Month"), ("quarter", "Quarter")],
        widget=forms.RadioSelect({"data-look": "seg", "data-col": "w6"}),
    )


def parts(*, now: datetime) -> dict[str, Any]:
    """Everything the sheet's templates need."""
    return {
        "colours": {group: names.split() for group, names in COLOURS.items()},
        "sizes": TYPE,
        "campaign_states": CAMPAIGN.split(),
        "step_states": STEP.split(),
        "form": _form(now),
        "now": now,
        "rows": _rows(now),
        "page_obj": Paginator(range(38), 25).page(1),
        "figure": _figure(),
    }


def _form(now: datetime) -> Sample:
    values = {
        "name": "Alpine Shell Doorbuster",
        "sale_price": "119.00",
        "audience": "all",
        "starts": f"{now:%Y-%m-%dT20:00}",
        "paused_time": "on",
        "occasion": "on",
        "clash": "block",
        "zoom": "month",
    }
    return Sample(values, auto_id="sample_%s")


def _rows(now: datetime) -> list[dict[str, Any]]:
    named = [
        ("FS-0039", "Singles’ Day Base Layers", -12, "closed", Decimal("812440")),
        ("FS-0038", "Trail Shoe Clear-out", -14, "closed", Decimal("604118")),
        ("FS-0042", "Cyber Monday Boots", 7, "approved", None),
    ]
    keys = ("code", "name", "opens_at", "state", "revenue")
    return [
        dict(zip(keys, (code, name, now + timedelta(days), state, money), strict=True))
        for code, name, days, state, money in named
    ]


def _figure() -> dict[str, Any]:
    minutes = list(range(21))
    forecast = [round(24 * 0.86**m + 1, 1) for m in minutes]
    return {
        "series": [
            {"name": "Forecast", "x": minutes, "y": forecast, "kind": "ref"},
            {
                "name": "Actual",
                "x": minutes[:13],
                "y": [round(y * 1.1, 1) for y in forecast[:13]],
                "fill": True,
            },
        ],
        "now": {"x": 12, "label": "Now"},
    }
