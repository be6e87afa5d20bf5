"""Walks the console the way a person clicks: every page that is linked."""

from __future__ import annotations

import re
from collections import deque

from config.smoke.person import Person

HREF = re.compile(r'href="(/[^"#?]*)')
LEFT_OUT = re.compile(r"^/(static|account|api|live/stream)/|\.(csv|xlsx|ics)$|/export/")


def addresses(person: Person, *, start: str = "/", most: int = 200) -> list[str]:
    """Every page this person can reach from the start, nearest first.

    Left out: static files, sign-in pages, machine addresses and downloads.
    """
    seen, waiting = {start}, deque([start])
    found: list[str] = []
    while waiting and len(found) < most:
        path = waiting.popleft()
        answer = person.get(path)
        if "text/html" not in answer.headers["content-type"]:
            continue
        found.append(path)
        for link in HREF.findall(answer.text):
            if link not in seen and not LEFT_OUT.search(link):
                seen.add(link)
                waiting.append(link)
    return found
