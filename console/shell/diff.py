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
from django.forms import (
    BoundField,
    CheckboxInput,
    Form,
    ModelForm,
    MultipleChoiceField,
)
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

    mine, theirs: every value the form would send for it, none or several where
    boxes are ticked. kept: yours is preselected, since you changed it.
    """

    name: str
    label: str
    seen: str
    newer: str
    yours: str
    mine: Sequence[str]
    theirs: Sequence[str]
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
    same: Sequence[tuple[str, Sequence[str]]]


def seen(form: AnyForm) -> str:
    """What a form shows, for its hidden field `seen`."""
    return json.dumps({bound.name: spelled(bound) for bound in form})


def spelled(bound: BoundField) -> list[str]:
    """The values of a field as the browser would send them; one, unless it has boxes.

    Of boxes only those that are ticked are sent, so there may be none.
    """
    value = bound.value()
    if isinstance(value, bool):
        return ["on" if value else ""]
    shown = bound.field.widget.format_value(value)
    if _is_many(bound):
        return sorted(map(str, shown or ()))
    if isinstance(shown, list | tuple):
        shown = shown[0] if shown else ""
    return ["" if shown is None else str(shown)]


def _is_many(bound: BoundField) -> bool:
    return isinstance(bound.field, MultipleChoiceField)


def chosen(post: QueryDict) -> QueryDict:
    """What was entered; from the screen, each field as it was decided there."""
    data = post.copy()
    for key in [key for key in post if key.startswith(TAKE)]:
        name = key.removeprefix(TAKE)
        source = THEIRS if post[key] == "theirs" else MINE
        data.setlist(name, post.getlist(source + name))
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
    initial value there, such as a reason, is sent along; those it names in `fresh`
    say what there is now, as `version` does. back: where it is shown.
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
        if bound.name in getattr(newer, "fresh", ()):
            same.append((bound.name, spelled(bound)))
            continue
        entered, change = spelled(mine[bound.name]), changes.get(bound.name)
        told = _difference(bound, before, entered, change)
        if told and bound.name in newer.initial:
            differences.append(told)
        else:
            same.append((bound.name, entered))
    version = int(newer["version"].value() or 0) if "version" in newer.fields else 0
    return Screen(title, request.path, back, version, seen(newer), differences, same)


def _sent(mine: AnyForm, bound: BoundField) -> bool:
    """A box that is not ticked is not sent, and yet was decided."""
    boxes = isinstance(bound.field.widget, CheckboxInput) or _is_many(bound)
    return bound.name in mine.data or boxes


def _seen(text: str) -> dict[str, list[str]]:
    """What the form showed; anything else is as if it had said nothing."""
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        name: [str(one) for one in (values if isinstance(values, list) else [values])]
        for name, values in told.items()
    }


def _difference(
    bound: BoundField,
    before: Mapping[str, Sequence[str]],
    entered: Sequence[str],
    change: Change | None,
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


def _same(bound: BoundField, one: Sequence[str], other: Sequence[str]) -> bool:
    """True where two spellings mean one value: `70` and `70.00`."""
    if one == other:
        return True
    if _is_many(bound) or not (one and other):
        return False
    try:
        return bool(bound.field.to_python(one[0]) == bound.field.to_python(other[0]))
    except ValidationError:
        return False


def _read(bound: BoundField, values: Sequence[str]) -> str:
    """Values as people read them: the word of a choice, a dash for nothing.

    A field whose values nobody could read says with `shown` how they are.
    """
    words = {
        str(key): str(word) for key, word in getattr(bound.field, "choices", None) or ()
    }
    return ", ".join(filter(None, (_word(bound, one, words) for one in values))) or "–"


def _word(bound: BoundField, value: str, words: Mapping[str, str]) -> str:
    if shown := getattr(bound.field, "shown", None):
        return str(shown(value))
    if value in words:
        return words[value]
    if _is_moment(bound):
        return value.replace("T", " ", 1)
    unit = str(bound.field.widget.attrs.get("data-suffix", "")) if value else ""
    return f"{value}{unit}" if unit in ("", "%") else f"{value} {unit}"


def _is_moment(bound: BoundField) -> bool:
    return bool(bound.field.widget.attrs.get("type") == "datetime-local")


def changed_by(change: Change, form: AnyForm) -> dict[str, Change]:
    """The same person and instant for every field: a thing that is saved as a whole."""
    return dict.fromkeys(form.fields, change)
