"""Somebody else saved first: what you saw, what is there now, and what you typed.

A form that is saved by version carries what it showed (`seen`). A stale save is
answered with `differ`: three columns, and for each field whether theirs is taken or
yours is kept. That screen posts to the same address; `chosen` reads it there, so that
it is saved like any other entry, and may be stale again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.forms import BoundField, CheckboxInput, Form, ModelForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.http import reswap, retarget

from console.errors import Refusal
from console.shell.refusals import wants_json

AnyForm = Form | ModelForm  # type: ignore[type-arg]
SEEN, TAKE, MINE, THEIRS = "seen", "take-", "mine-", "theirs-"


@dataclass(frozen=True)
class Change:
    """Who changed something, and when; nobody is Doorbuster itself."""

    who: str
    at: datetime | None = None


@dataclass(frozen=True)
class Difference:
    """One field in which the three do not agree, as people read it.

    mine, theirs: as the form spells them. kept: yours is preselected, since you
    changed it.
    """

    name: str
    label: str
    seen: str
    newer: str
    yours: str
    mine: str
    theirs: str
    kept: bool
    change: Change | None


@dataclass(frozen=True)
class Screen:
    """A stale save, ready to be looked at. same: fields to send along as they are."""

    title: str
    action: str
    back: str
    version: int
    seen: str
    differences: Sequence[Difference]
    same: Sequence[tuple[str, str]]


def seen(form: AnyForm) -> str:
    """What a form shows, for its hidden field `seen`."""
    return json.dumps({bound.name: spelled(bound) for bound in form})


def spelled(bound: BoundField) -> str:
    """The value of a field as the browser would send it."""
    value = bound.value()
    if isinstance(value, bool):
        return "on" if value else ""
    shown = bound.field.widget.format_value(value)
    if isinstance(shown, list | tuple):
        shown = shown[0] if shown else ""
    return "" if shown is None else str(shown)


def chosen(post: QueryDict) -> QueryDict:
    """What was entered; from the screen, each field as it was decided there."""
    data = post.copy()
    for key in [key for key in post if key.startswith(TAKE)]:
        name = key.removeprefix(TAKE)
        source = THEIRS if post[key] == "theirs" else MINE
        data[name] = post.get(source + name, "")
    return data


def differ(
    request: HttpRequest,
    refused: Refusal,
    *,
    mine: AnyForm,
    newer: AnyForm,
    title: str,
    back: str,
    changes: Mapping[str, Change],
) -> HttpResponse:
    """Answer a stale save with the three values of each field; nothing typed is lost.

    mine: what was entered. newer: a form of what is there now; a field without an
    initial value there, such as a reason, is sent along. back: where it is shown.
    changes: by field; what is missing is shown without a name.

    Raises:
        Refusal: the one given, where a program asks.
    """
    if wants_json(request):
        raise refused
    screen = _screen(request, mine, newer, title=title, back=back, changes=changes)
    if not getattr(request, "htmx", False):
        return render(request, "shell/diff.html", {"screen": screen}, status=409)
    reply = render(request, "shell/_diff.html", {"screen": screen}, status=422)
    return reswap(retarget(reply, "#dialogs"), "innerHTML")


def _screen(
    request: HttpRequest,
    mine: AnyForm,
    newer: AnyForm,
    *,
    title: str,
    back: str,
    changes: Mapping[str, Change],
) -> Screen:
    before = _seen(request.POST.get(SEEN, ""))
    differences, same = [], []
    for bound in newer:
        if bound.name == "version" or not _sent(mine, bound):
            continue
        entered, change = spelled(mine[bound.name]), changes.get(bound.name)
        told = _difference(bound, before, entered, change)
        if told and bound.name in newer.initial:
            differences.append(told)
        else:
            same.append((bound.name, entered))
    version = int(newer["version"].value() or 0)
    return Screen(title, request.path, back, version, seen(newer), differences, same)


def _sent(mine: AnyForm, bound: BoundField) -> bool:
    """A box that is not ticked is not sent, and yet was decided."""
    return bound.name in mine.data or isinstance(bound.field.widget, CheckboxInput)


def _seen(text: str) -> dict[str, str]:
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}


def _difference(
    bound: BoundField, before: Mapping[str, str], entered: str, change: Change | None
) -> Difference | None:
    """None where what was entered is what is there."""
    theirs = spelled(bound)
    if _same(bound, theirs, entered):
        return None
    saw = before.get(bound.name, theirs)
    return Difference(
        name=bound.name,
        label=str(bound.label),
        seen=_read(bound, saw),
        newer=_read(bound, theirs),
        yours=_read(bound, entered),
        mine=entered,
        theirs=theirs,
        kept=not _same(bound, saw, entered),
        change=None if _same(bound, saw, theirs) else change,
    )


def _same(bound: BoundField, one: str, other: str) -> bool:
    """True where two spellings mean one value: `70` and `70.00`."""
    if one == other:
        return True
    try:
        return bool(bound.field.to_python(one) == bound.field.to_python(other))
    except ValidationError:
        return False


def _read(bound: BoundField, value: str) -> str:
    """A value as people read it: the word of a choice, a dash for nothing."""
    for key, word in getattr(bound.field, "choices", None) or ():
        if str(key) == value:
            return str(word)
    return value.replace("T", " ", 1) if _is_moment(bound) else value or "–"


def _is_moment(bound: BoundField) -> bool:
    return bool(bound.field.widget.attrs.get("type") == "datetime-local")


def changed_by(change: Change, form: AnyForm) -> dict[str, Change]:
    """The same person and instant for every field: a thing that is saved as a whole."""
    return dict.fromkeys(form.fields, change)
