"""Addresses of what a sale can do beyond its draft, and what each needs."""

from __future__ import annotations

from django.urls import URLPattern, path

from console.campaigns.views import (
    amendments,
    asof,
    desk,
    impact,
    plan,
    pricing,
    templates,
)

PATHS: list[URLPattern] = [
    path("campaigns/templates/", templates.templates, name="templates"),
    path("campaigns/templates/<int:pk>/use/", templates.use, name="use_template"),
    path("campaigns/templates/<int:pk>/drop/", templates.drop, name="drop_template"),
    path("campaigns/<str:code>/template/", templates.save, name="save_template"),
    path("campaigns/<str:code>/clone/", templates.clone, name="clone"),
    path("campaigns/<str:code>/changes/", amendments.changes, name="changes"),
    path("campaigns/<str:code>/price/", pricing.price, name="price"),
    path(
        "campaigns/<str:code>/lines/set/<str:field>/",
        pricing.percent,
        name="set_lines",
    ),
    path("campaigns/<str:code>/undo/<int:pk>/", pricing.undo, name="undo"),
    path("campaigns/<str:code>/fill/", pricing.fill, name="fill"),
    path(
        "campaigns/<str:code>/fill/<int:pk>/forget/",
        pricing.forget_source,
        name="forget_source",
    ),
    path("campaigns/<str:code>/resolve/", plan.resolve, name="resolve"),
    path("campaigns/<str:code>/impact/", impact.impact, name="impact"),
    path("campaigns/<str:code>/as-of/", asof.as_of, name="as_of"),
    path("campaigns/<str:code>/people/", desk.people, name="people"),
    path("campaigns/<str:code>/people/save/", desk.set_contacts, name="set_contacts"),
    path("campaigns/<str:code>/people/decide/", desk.decide, name="decide"),
    path("campaigns/<str:code>/wait/", desk.wait_for, name="wait_for"),
    path("campaigns/<str:code>/wait/end/", desk.wait_no_more, name="wait_no_more"),
    path("campaigns/<str:code>/amend/", amendments.amend, name="amend"),
    path(
        "campaigns/<str:code>/changes/<int:number>/",
        amendments.amendment,
        name="amendment",
    ),
    path(
        "campaigns/<str:code>/changes/<int:number>/approve/",
        amendments.approve,
        name="approve_amendment",
    ),
    path(
        "campaigns/<str:code>/changes/<int:number>/reject/",
        amendments.reject,
        name="reject_amendment",
    ),
    path(
        "campaigns/<str:code>/changes/<int:number>/withdraw/",
        amendments.withdraw,
        name="withdraw_amendment",
    ),
]
_EDIT = (
    "amend withdraw_amendment use_template drop_template save_template clone"
    " price set_lines undo fill forget_source set_contacts wait_for wait_no_more"
    " resolve"
)
_APPROVE = "approve_amendment reject_amendment"
NEEDS = dict.fromkeys(_EDIT.split(), "campaigns.edit") | dict.fromkeys(
    _APPROVE.split(), "campaigns.approve"
)
NEEDS["decide"] = "campaigns.note"
