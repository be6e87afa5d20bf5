"""What a campaign says, term by term, as programs and bundles spell it: the one list.

A new term is one line of `TERMS` besides its field of the form; the API, the bundle and
their tests follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.contrib.auth.models import User

from console.campaigns import rules
from console.campaigns.forms import TermsForm
from console.campaigns.forms.fields import per_cent
from console.campaigns.models import Campaign, Occasion
from console.campaigns.models.market import WEB
from console.errors import Refusal
from console.fatigue.models import Audience

Spell = Callable[[Any], Any]
Told = str | int | list[str] | None


class BadTerm(Refusal):
    """A term that cannot be; names the field."""

    code = "bad_term"
    status = 422


def _same(value: Any) -> Any:
    return value


def _exact(value: Decimal | None) -> str | None:
    return None if value is None else rules.plain(value)


def _iso(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _day(occasion: Occasion | None) -> str | None:
    return None if occasion is None else f"{occasion.on} {occasion.name}"


def _user(person: User | None) -> str | None:
    return None if person is None else person.get_username()


def _audience(slug: str) -> int | None:
    return _key(Audience.objects.filter(slug=slug), "audience", slug)


def _person(name: str) -> int | None:
    return _key(User.objects.filter(username=name), "person", name)


def _share(text: str) -> str:
    try:
        share = Decimal(text)
        fits = 0 < share <= 1 and share == round(share, 3)
    except (ArithmeticError, TypeError, ValueError):
        fits = False
    if not fits:
        raise BadTerm(
            "Give the share as a number above 0 and at most 1, with three decimals at "
            "most, like 0.25."
        )
    return per_cent(share)


def _occasion(text: str) -> int | None:
    day, _, name = text.partition(" ")
    try:
        found = Occasion.objects.filter(on=date.fromisoformat(day), name=name)
    except ValueError:
        found = Occasion.objects.none()
    return _key(found, "occasion", text)


def _key(found: Any, noun: str, name: str) -> int:
    row = found.values_list("pk", flat=True).first()
    if row is None:
        raise BadTerm(f"There is no {noun} {name}. Check its name.")
    return int(row)


@dataclass(frozen=True)
class Term:
    """One term. name: of its field on the form. kind: as JSON has it.

    told: how a value of the campaign is spelled. meant: what the form takes for it.
    """

    name: str
    kind: Any
    about: str
    told: Spell = _same
    meant: Spell = _same


TERMS = (
    Term("name", str, "What people call the sale."),
    Term("audience", str, "The audience by its short name.", attrgetter("slug"),
         _audience),
    Term("category", str, "A category of products; empty for several."),
    Term("occasion", str | None, "`2026-11-27 Black Friday`, or null.", _day,
         _occasion),
    Term("owner", str, "User name.", _user, _person),
    Term("on_call", str | None, "User name, or null.", _user, _person),
    Term("revenue_target", str | None, "In the campaign's currency.", _exact),
    Term("currency", str, "ISO 4217, like EUR."),
    Term("markets", list[str], "Codes of markets; empty for all of the currency."),
    Term("channels", list[str], "Short names; `web` is always there."),
    Term("start_mode", str, "`instant`, or `rolling`: each market's own clock."),
    Term("zone", str, "IANA time zone, like Europe/Berlin."),
    Term("opens_local", str | None, "On the wall clock there: 2026-11-27T20:00:00.",
         _iso),
    Term("closes_local", str | None, "On the wall clock there.", _iso),
    Term("fold", int | None, "0 or 1 where the wall clock shows a time twice."),
    Term("closes_fold", int | None, "The same of the end, where it differs, or null."),
    Term("hold_ttl_s", int, "How long a checkout holds units, in seconds."),
    Term("carts_at_end", str, "`honour`: a cart keeps its price until its hold expires;"
         " `reprice`: until the end."),
    Term("buyer_limit", int | None, "Units per buyer, or null."),
    Term("order_limit", int | None, "Units per order, or null."),
    Term("budget_units", int | None, "Ends the sale once so many units are sold."),
    Term("budget_discount", str | None, "The same, for what is given away.", _exact),
    Term("budget_gmv", str | None, "The same, for what shoppers pay.", _exact),
    Term("expected_orders_peak", int, "Orders in the busiest minute."),
    Term("reach", str, "Share of the audience, above 0 and at most 1.", _exact, _share),
    Term("price_kind", str, "`public`; `members`: of a loyalty programme, or with a"
         " code anybody can get, measured as `public`; `personal`: set for one shopper;"
         " `conditional`: bought together or by quantity, as 3 for 2."),
    Term("up_to_percent", int | None, "What “up to X%” names, 1 to 99, or null."),
)  # fmt: skip


def told(campaign: Campaign) -> dict[str, Told]:
    """Every term of a campaign, JSON-safe, in the order of the list."""
    return {term.name: term.told(getattr(campaign, term.name)) for term in TERMS}


def filled(values: Mapping[str, Any], *, over: Campaign | None = None) -> TermsForm:
    """The form of a campaign's terms, filled in by a program and found good.

    values: as `told` spells them; what is left out stays as it is in `over`, or takes
        the form's own default.

    Raises:
        BadTerm: every field that cannot be, as the page would say it, in the order of
            the form; each in `detail` besides.
    """
    start = told(over) if over else _defaults()
    said = start | {name: value for name, value in values.items() if name in _BY_NAME}
    meant, wrong = _meant(said)
    form = TermsForm(meant)
    wrong |= _nowhere(form, said)
    found = {field: str(errors[0]) for field, errors in form.errors.items()} | wrong
    if found:
        text = " ".join(f"{field}: {error}" for field, error in found.items())
        raise BadTerm(text, field=next(iter(found)), detail={"errors": found})
    return form


def _nowhere(form: TermsForm, said: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with markets and channels in a shop that has none to choose."""
    found = {}
    for name, only in (("markets", []), ("channels", [WEB])):
        wanted = [one for one in said.get(name) or () if one not in only]
        if wanted and name not in form.fields:
            found[name] = f"There are no {name} here, so not {wanted[0]}."
    return found


def _meant(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form takes, by field; and what is wrong with what it cannot."""
    meant: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in said.items():
        try:
            empty = value is None or value == ""
            meant[name] = "" if empty else _BY_NAME[name].meant(value)
        except BadTerm as refused:
            wrong[name] = refused.message
    return meant, wrong


def _defaults() -> dict[str, Any]:
    fields = TermsForm.base_fields
    return {name: fields[name].initial for name in _BY_NAME if fields[name].initial}


_BY_NAME = {term.name: term for term in TERMS}
