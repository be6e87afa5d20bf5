"""The page of buffer policies and its dialogs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from console.shell.parts import at, part_of
from console.shell.show import done, show
from console.stock import clock, operations, queries
from console.stock.buffer_forms import PolicyAmount, PolicyForm, ReasonForm
from console.stock.models import BufferPolicy, Sku
from console.stock.operations import PolicyTerms
from console.stock.rules.buffers import BufferScope, Policy
from console.stock.views import person

CHANGED = "buffers-changed"
HOME = "stock:buffers"


@require_GET
def buffers(request: HttpRequest) -> HttpResponse:
    """Show every policy in the order they apply."""
    units, skus = queries.held_in_all()
    context = {
        "policies": queries.policies(),
        "due": queries.policies_due(),
        "units": units,
        "skus": skus,
        "read_at": clock.now(),
    }
    return show(request, "stock/buffers.html", context)


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def add_policy(request: HttpRequest) -> HttpResponse:
    """Hold back of something more."""
    form = PolicyForm(request.POST or None)
    if form.is_valid():
        made = operations.add_policy(
            form.scope(),
            form.cleaned_data["target"].strip(),
            form.terms(),
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Policy of {made} holds units back", CHANGED, to=HOME)
    if "level" in request.GET:
        return _effect(request, PolicyForm(request.GET))
    return render(request, "stock/_policy.html", {"form": form})


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def change_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold back another amount."""
    one = get_object_or_404(BufferPolicy, pk=pk)
    form = PolicyAmount(request.POST or None, of=one)
    if form.is_valid():
        operations.change_policy(
            pk,
            form.terms(),
            version=form.cleaned_data["version"] or 0,
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Policy of {one} changed", CHANGED, to=HOME)
    if "units" in request.GET:
        return _effect(request, PolicyAmount(request.GET), one)
    now_ = PolicyTerms(one.units, one.percent, one.low_at)
    context = {"form": form, "one": one} | _told(one, now_)
    return render(request, "stock/_policy.html", context)


@require_http_methods(["GET", "POST"])
@part_of(at(HOME))
def remove_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold nothing back by a policy any more."""
    one = get_object_or_404(BufferPolicy, pk=pk)
    form = ReasonForm(request.POST or None, initial={"version": one.version})
    if form.is_valid():
        operations.remove_policy(
            pk,
            version=form.cleaned_data["version"] or 0,
            reason=form.cleaned_data["reason"],
            actor=person(request),
            now=clock.now(),
        )
        return done(request, f"Policy of {one} removed", CHANGED, to=HOME)
    context = {"form": form, "one": one}
    context["effect"] = queries.removal_effect(queries.rule_of(one))
    return render(request, "stock/_remove_policy.html", context)


def _effect(
    request: HttpRequest, form: PolicyAmount, one: BufferPolicy | None = None
) -> HttpResponse:
    """What the policy that is being typed would do, as far as it can be read."""
    context: dict[str, object] = {"one": one}
    if form.is_valid():
        about = one or BufferPolicy(
            level=form.cleaned_data["level"],
            target=form.cleaned_data["target"].strip(),
        )
        context |= _told(about, form.terms())
    return render(request, "stock/_policy_effect.html", context)


def _told(about: BufferPolicy, terms: PolicyTerms) -> dict[str, object]:
    """What these terms would hold back, and what is suggested for a SKU."""
    scope = BufferScope(about.level)
    target = "" if scope is BufferScope.MASTER else about.target
    numbers = (terms.units, terms.percent, terms.low_at)
    policy = Policy(about.pk or 0, scope, target, *numbers)
    context: dict[str, object] = {"scope": scope.value, "target": target}
    if scope is not BufferScope.CHANNEL:
        context["effect"] = queries.policy_effect(policy, instead_of=about.pk)
    if scope is BufferScope.SKU:
        context |= _suggested(target)
    return context


def _suggested(code: str) -> dict[str, object]:
    sku = Sku.objects.filter(code=code).first()
    if sku is None:
        return {}
    return {"suggested": queries.suggestion([sku.pk], now=clock.now())}
