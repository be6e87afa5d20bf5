"""Countries by their two letters (ISO 3166-1), as the IANA time zone data has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from console.errors import Refusal


class UnknownCountry(Refusal):
    """No country of that code."""

    code = "unknown_country"
    status = 422


@cache
def countries() -> Mapping[str, str]:
    """Every country's name by its code.

    >>> countries()["FI"]
    'Finland'
    """
    text = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line[0] != "#"]
    return {code: name for code, name, *_ in rows}


def check_countries(codes: Iterable[str]) -> None:
    """Refuse a code that no country has.

    Raises:
        UnknownCountry: names the first.
    """
    for code in codes:
        if code not in countries():
            raise UnknownCountry(
                f"{code} is not a country. Write two letters each, like DE, AT.",
                field="countries",
            )
