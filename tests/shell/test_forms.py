"""What forms say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms

from console.shell.forms import SayingForm, relabel


class Asked(SayingForm):
    """One field of each kind."""

    budget = forms.DecimalField(min_value=Decimal("0.001"), label="Budget, revenue")
    code = forms.CharField(error_messages={"required": "Type the code."}, max_length=3)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        ({"budget": "0"}, "budget", "Budget, revenue must be 0.001 or more."),
        ({}, "budget", "Budget, revenue is missing. Fill it in."),
        ({}, "code", "Type the code."),
        ({"code": "ABCD"}, "code", "Code has 4 characters: at most 3 fit."),
    ],
)
def test_an_error_names_its_field(data: dict[str, Any], name: str, said: str) -> None:
    assert Asked(data).errors[name] == [said]


def test_another_label_is_the_one_in_errors() -> None:
    form, other = Asked({"budget": "0"}), Asked({"budget": "0"})
    relabel(form.fields["budget"], "Depth")
    assert form["budget"].label == "Depth"
    assert form.errors["budget"] == ["Depth must be 0.001 or more."]
    assert other.errors["budget"] == ["Budget, revenue must be 0.001 or more."]
