"""How inputs are drawn."""

from __future__ import annotations

import pytest
from django import forms
from django.forms import Select
from django.test.html import parse_html

from console.shell.widgets import LongSelect, optional

ZONES = [("", "None"), ("UTC", "UTC"), ("A&B", "Ours & <theirs>"), ("UTC2", "Second")]


@pytest.mark.parametrize("value", [None, "", "UTC", "A&B", "not there", '" onload="x'])
def test_a_long_list_says_what_djangos_own_says(value: str | None) -> None:
    attrs = {"id": "id_zone", "required": True, "class": "select"}
    ours = LongSelect(attrs={"data-x": "1"}, choices=ZONES)
    theirs = Select(attrs={"data-x": "1"}, choices=ZONES)
    told = parse_html(ours.render("zone", value, attrs))
    assert told == parse_html(theirs.render("zone", value, attrs))


def test_only_one_option_is_chosen() -> None:
    drawn = LongSelect(choices=ZONES).render("zone", "UTC")
    assert drawn.count("selected") == 1
    assert '<option value="UTC" selected>' in drawn


def test_a_select_that_always_has_a_value_is_not_called_optional() -> None:
    class Asked(forms.Form):
        way = forms.ChoiceField(choices=[("a", "A")], required=False)
        other = forms.ChoiceField(choices=[("", "None"), ("a", "A")], required=False)
        note = forms.CharField(required=False)

    form = Asked()
    said = [optional(form[name]) for name in ("way", "other", "note")]
    assert said == [False, True, True]
