"""The form of the terms, grouped: what every sale says, and sections for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField

from console.campaigns.forms.fields import PersonField, per_cent
from console.campaigns.rules import CartsAtEnd, PriceKind
from console.shell import formats

Say = Callable[[BaseForm], list[str]]


@dataclass(frozen=True)
class Section:
    """Fields below one closed line, and what is set in them.

    open: shown at once, since one of them has an error.
    """

    name: str
    title: str
    fields: Sequence[BoundField]
    said: str
    open: bool


def front(form: BaseForm) -> list[BoundField]:
    """The visible fields of no section."""
    closed = {field for _, _, names, _ in _SECTIONS for field in names}
    return [one for one in form.visible_fields() if one.name not in closed]


def sections(form: BaseForm) -> list[Section]:
    """The sections of the terms, as the form has them now."""
    return [
        _section(form, name, title, names, say) for name, title, names, say in _SECTIONS
    ]


def _section(
    form: BaseForm, name: str, title: str, names: Sequence[str], say: Say
) -> Section:
    fields = [form[one] for one in names]
    wrong = sum(bool(one.errors) for one in fields)
    said = f"{wrong} to correct" if wrong else " · ".join(say(form))
    return Section(name, title, fields, said, open=bool(wrong))


def _load(form: BaseForm) -> list[str]:
    peak = _count(form["expected_orders_peak"].value(), "order")
    share = per_cent(Decimal(form["reach"].value() or 100) / 100)
    told = "whole audience" if share == "100" else f"{share}% of the audience"
    return [f"{peak} in the busiest minute", told, f"{_on_call(form)} on call"]


def _on_call(form: BaseForm) -> str:
    """Whom the list of people shows as chosen: nobody in place of who left."""
    field = form.fields["on_call"]
    assert isinstance(field, PersonField)
    try:
        person = field.to_python(form["on_call"].value())
    except ValidationError:
        person = None
    return field.label_from_instance(person) if person else "nobody"


def _limits(form: BaseForm) -> list[str]:
    currency = form["currency"].value() or "EUR"
    money = partial(formats.money, currency=currency)
    limits = [
        *_set(form, "buyer_limit", lambda value: f"{formats.number(value)} per buyer"),
        *_set(form, "order_limit", lambda value: f"{formats.number(value)} per order"),
    ]
    budgets = [
        *_set(form, "budget_units", lambda value: _count(value, "unit")),
        *_set(form, "budget_discount", lambda value: f"{money(value)} discount"),
        *_set(form, "budget_gmv", lambda value: f"{money(value)} revenue"),
    ]
    limits += [f"budget {', '.join(budgets)}"] if budgets else []
    return [currency, *(limits or ["no limits"])]


def _checkout(form: BaseForm) -> list[str]:
    hold = formats.number(form["hold_ttl_s"].value())
    carts = CartsAtEnd(form["carts_at_end"].value() or CartsAtEnd.HONOUR)
    return [f"hold of {hold} s", f"carts {carts.label.lower()}"]


def _claims(form: BaseForm) -> list[str]:
    kind = PriceKind(form["price_kind"].value() or PriceKind.PUBLIC)
    up_to = _set(form, "up_to_percent", lambda value: f"up to {value}%")
    return [f"for {kind.label[0].lower()}{kind.label[1:]}", *up_to]


def _set(form: BaseForm, name: str, say: Callable[[Any], str]) -> list[str]:
    """What is said of a field, unless it is empty."""
    value = form[name].value()
    return [] if value in (None, "") else [say(value)]


def _count(value: Any, noun: str) -> str:
    """`1 unit`, `5,000 units`."""
    return f"{formats.number(value)} {noun}{'' if str(value) == '1' else 's'}"


_SECTIONS: tuple[tuple[str, str, tuple[str, ...], Say], ...] = (
    ("load", "Load and on call", ("expected_orders_peak", "reach", "on_call"), _load),
    (
        "limits",
        "Currency, limits and budgets",
        (
            "currency",
            "buyer_limit",
            "order_limit",
            "budget_units",
            "budget_discount",
            "budget_gmv",
        ),
        _limits,
    ),
    ("checkout", "Checkout", ("hold_ttl_s", "carts_at_end"), _checkout),
    ("claims", "Price claims", ("price_kind", "up_to_percent"), _claims),
)
