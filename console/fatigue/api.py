"""REST endpoints of fatigue: policies and versions, previews, audiences, a date."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema
from pydantic import AwareDatetime, Field, create_model

from console.errors import Refusal
from console.fatigue import dates, operations, queries
from console.fatigue.forms import PolicyForm
from console.fatigue.models import Policy, Scope
from console.fatigue.preview import Preview, preview
from console.fatigue.rules import Counts, Enforcement, Limits
from console.shell.rest.routes import Routes
from console.shell.rest.shapes import Given
from console.shell.rest.versions import IfMatch, etag, version_of

EDIT = "fatigue.edit"
PATH = "/fatigue/policies/{int:scope}"
routes = Routes("fatigue")

_KINDS: dict[str, Any] = {
    "gap_counts": Counts,
    "window_counts": Counts,
    "message_counts": Counts,
    "enforcement": Enforcement,
    "occasion_required": bool,
    "half_life_days": str,
    "zone": str,
    "quiet": list[dict[str, Any]],
}
_LIMITS = {name: _KINDS.get(name, int) for name in PolicyForm.Meta.fields}
"""Every limit of the policy page, as JSON has it: the one list is the form's."""


class BadLimits(Refusal):
    """A limit that cannot be; names the field."""

    code = "bad_policy"
    status = 422


if TYPE_CHECKING:

    class LimitsOut(Schema):
        """The limits of one version."""

    class LimitsGiven(Given):
        """Limits to set; those left out stay as they are."""

        version: int | None = None
        reason: str = ""
else:
    LimitsOut = create_model(
        "Limits", __base__=Schema, **{n: (k, ...) for n, k in _LIMITS.items()}
    )
    LimitsGiven = create_model(
        "LimitsGiven",
        __base__=Given,
        version=(int | None, None),
        reason=(str, Field("", max_length=300)),
        quiet=(str | None, Field(None, description="As on the page: one a line.")),
        **{n: (k | None, None) for n, k in _LIMITS.items() if n != "quiet"},
    )


class PolicyOut(Schema):
    """The version of a scope's policy that is in force."""

    scope: int
    kind: str
    name: str
    label: str
    version: int
    since: datetime
    author: str | None
    reason: str
    limits: LimitsOut


def out(policy: Policy) -> PolicyOut:
    said = policy.limits().values()
    return PolicyOut(
        scope=policy.scope_id,
        kind=policy.scope.kind,
        name=policy.scope.name,
        label=policy.scope.label,
        version=policy.version,
        since=policy.since,
        author=policy.author.get_username() if policy.author else None,
        reason=policy.reason,
        limits=LimitsOut(**{name: said[name] for name in _LIMITS}),
    )


@routes.reads("/fatigue/policies", list[PolicyOut])
def policies(request: HttpRequest) -> list[PolicyOut]:
    """Every scope with a policy, as it is in force: audiences first, by size."""
    scopes = queries.scopes()
    held = queries.applicable([one.value for one in scopes], timezone.now())
    return [out(held[one.value]) for one in scopes if one.value in held]


def _held(scope: int) -> Policy:
    found = get_object_or_404(Scope, pk=scope)
    return queries.in_force(found.value, timezone.now())


def _answer(response: HttpResponse, policy: Policy) -> PolicyOut:
    etag(response, policy.version)
    return out(policy)


@routes.reads(PATH, PolicyOut)
def policy(request: HttpRequest, scope: int, response: HttpResponse) -> PolicyOut:
    """Read the policy of one scope; its ETag is the version an edit starts from."""
    return _answer(response, _held(scope))


class LimitChange(Schema):
    """One limit that a version changed, as people read it."""

    what: str
    before: Any
    after: Any


class VersionOut(Schema):
    """One version, and what it changed."""

    version: int
    since: datetime
    author: str | None
    reason: str
    changes: list[LimitChange]


@routes.reads(PATH + "/versions", list[VersionOut])
def versions(request: HttpRequest, scope: int) -> list[VersionOut]:
    """Every version of a policy, the newest first."""
    return [
        _version(one) for one in queries.versions(get_object_or_404(Scope, pk=scope))
    ]


def _version(one: queries.Version) -> VersionOut:
    policy = one.policy
    return VersionOut(
        version=policy.version,
        since=policy.since,
        author=policy.author.get_username() if policy.author else None,
        reason=policy.reason,
        changes=[LimitChange(what=w, before=b, after=a) for w, b, a in one.changes],
    )


def _form(held: Policy, body: LimitsGiven, version: int) -> PolicyForm:
    """The page's form, filled in over the version in force."""
    empty = PolicyForm(of=held, may=True)
    start = {name: empty[name].value() for name in _LIMITS}
    start = {n: empty.fields[n].prepare_value(v) for n, v in start.items()}
    given = body.model_dump(exclude_unset=True, exclude_none=True)
    return PolicyForm(start | {"reason": "-"} | given | {"version": version},
                      of=held, may=True)  # fmt: skip


def _limits(form: PolicyForm) -> Limits:
    if not form.is_valid():
        refuse(form)
    return form.limits()


def refuse(form: Any) -> None:
    field, errors = next(iter(form.errors.items()))
    raise BadLimits(f"{field}: {errors[0]}", field=field)


@routes.acts(PATH + "/versions", EDIT, PolicyOut, status=201)
def save(
    request: HttpRequest,
    scope: int,
    body: LimitsGiven,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> PolicyOut:
    """Save the next version; 409 `stale_policy` if somebody did before."""
    held, version = _held(scope), version_of(body.version, if_match)
    limits = _limits(_form(held, body, version))
    saved = operations.save(
        scope,
        limits,
        version=version,
        reason=body.reason,
        actor=actor(request),
        now=timezone.now(),
    )
    return _answer(response, saved)


class PlannedOut(Schema):
    """One planned sale before and after; settled: it keeps the policy it has."""

    code: str
    name: str
    opens_at: datetime
    tone: str
    text: str
    change: str
    settled: bool


class PreviewOut(Schema):
    """What saving would change. free: of the next days, those open to a usual sale."""

    difference: str
    lines: list[PlannedOut]
    free_before: int | None
    free_now: int | None
    days: int
    blocks_everything: bool


@routes.acts(PATH + "/preview", "login", PreviewOut)
def preview_(request: HttpRequest, scope: int, body: LimitsGiven) -> PreviewOut:
    """Judge what is planned by other limits; nothing is saved."""
    held = _held(scope)
    tried = _limits(_form(held, body, held.version))
    found = preview(held.scope.value, held.limits(), tried, now=timezone.now())
    return _previewed(found)


def _previewed(found: Preview) -> PreviewOut:
    same = ("difference", "free_before", "free_now", "days", "blocks_everything")
    lines = [
        PlannedOut(
            code=line.sale.code,
            name=line.sale.name,
            opens_at=line.sale.opens_at,
            tone=line.tone,
            text=line.text,
            change=line.change,
            settled=line.settled,
        )
        for line in found.lines
    ]
    return PreviewOut(lines=lines, **{name: getattr(found, name) for name in same})


class ReasonOut(Schema):
    """What one rule says about a date."""

    tone: str
    text: str


class DateOut(Schema):
    """May a sale of this scope open then. earliest: the first instant that passes."""

    passes: bool
    reasons: list[ReasonOut]
    earliest: datetime | None


@routes.reads(PATH + "/date", DateOut)
def date_verdict(
    request: HttpRequest,
    scope: int,
    opens_at: AwareDatetime,
    closes_at: AwareDatetime,
    depth_percent: Annotated[Decimal, Field(ge=0, lt=100)] = Decimal(30),
    occasion: str = "",
) -> DateOut:
    """Judge a date for a sale of one scope that is not planned yet."""
    held = _held(scope)
    found = dates.judged(
        held, opens_at, closes_at, depth=depth_percent / 100, occasion=occasion
    )
    reasons = [ReasonOut(tone=str(one.tone), text=one.text) for one in found.reasons]
    return DateOut(passes=found.passes, reasons=reasons, earliest=found.earliest)


def actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
