"""Walks the console the way a person clicks: every page and panel that is linked."""

from __future__ import annotations

import html
import re
from collections import Counter, deque

from config.smoke.person import Person, Unexpected

LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
LEFT_OUT = re.compile(r"^/(static|account|api|live/stream)/|\.(csv|xlsx|ics)$|/export/")
NAMED = re.compile(r"(?<=/)(?:[A-Z]{2,}[\w-]*\d[\w-]*|\d+|\d{4}-\d\d(?:-\d\d)?)(?=/)")


def addresses(
    person: Person, *, start: str = "/", each: int = 2, most: int = 200
) -> list[str]:
    """Every page and panel this person can reach from the start, nearest first.

    each: how many of the same shape, such as the plans of different campaigns.
    Left out: static files, sign-in pages, machine addresses, downloads, and what only
    answers to more than a click.
    """
    waiting, seen, shapes = deque([start]), {start}, Counter[str]()
    found: list[str] = []
    while waiting and len(found) < most:
        path = waiting.popleft()
        text = _page(person, path)
        if text is None:
            continue
        found.append(path)
        for link in map(html.unescape, LINK.findall(text)):
            if link not in seen and shapes[shape(link)] < each:
                shapes[shape(link)] += 1
                seen.add(link)
                waiting.append(link)
    return found


def shape(link: str) -> str:
    """An address without the names in it and without its query."""
    return NAMED.sub("*", link.partition("?")[0])


def _page(person: Person, path: str) -> str | None:
    """The page, or None if it is none.

    Raises:
        Unexpected: it is broken.
    """
    if LEFT_OUT.search(path.partition("?")[0]):
        return None
    answer = person.client.get(path, headers=person.asked_by(path))
    if answer.status_code >= 500:
        raise Unexpected(f"{path} answered {answer.status_code}")
    is_page = answer.status_code == 200
    return answer.text if is_page and "html" in answer.headers["content-type"] else None
