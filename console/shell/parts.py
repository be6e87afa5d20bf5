"""Views that answer a part of a page: htmx gets the part, a browser gets the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

View = Callable[..., HttpResponse]
Place = Callable[..., str]


def asks_for_part(request: HttpRequest) -> bool:
    """True if htmx asks for something to swap in, not for a page to go to."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def part_of(page: str | Place) -> Callable[[View], View]:
    """Lead a browser that opens this address itself to the page it is part of.

    page: a name, whose address takes what this one captured, in order; or a function
    of the request and that, which answers an address.
    The query goes along. What is sent to the address is not led away.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def led(request: HttpRequest, **captured: Any) -> HttpResponse:
            if request.method == "POST" or asks_for_part(request):
                return view(request, **captured)
            there = _address(page, request, captured)
            query = request.GET.urlencode()
            return HttpResponseRedirect(f"{there}?{query}" if query else there)

        led.part_of = page  # type: ignore[attr-defined]
        return led

    return wrap


def _address(page: str | Place, request: HttpRequest, captured: dict[str, Any]) -> str:
    if not isinstance(page, str):
        return page(request, **captured)
    return reverse(page, args=list(captured.values()))


def at(name: str) -> Place:
    """The page of that name, which takes nothing of what was captured."""
    return lambda _request, **_captured: reverse(name)
