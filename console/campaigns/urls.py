"""Every address of this room, and who may open it."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from console.campaigns import paths
from console.campaigns.views import (
    actions,
    announcing,
    bundles,
    calendar,
    catalogue,
    conflicts,
    freezes,
    glass,
    imports,
    lines,
    markets,
    occasions,
    pages,
    placing,
    plan,
    risk,
    too_often,
)

app_name = "campaigns"

_ACTS = [
    path(f"campaigns/<str:code>/{name}/", actions.act, {"name": name}, name=name)
    for name in actions.ACTIONS
]
urlpatterns: list[URLPattern] = [
    *paths.PATHS,
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/subscribe/", calendar.subscribe, name="subscribe"),
    path("calendar/feeds/<str:token>.ics", calendar.feed, name="feed"),
    path("calendar/too-often/", too_often.card, name="too_often"),
    path("calendar/freezes/", freezes.freezes, name="freezes"),
    path("calendar/freezes/new/", freezes.freeze, name="freeze"),
    path("calendar/freezes/new/sales/", freezes.concerned, name="freeze_sales"),
    path("calendar/freezes/<int:pk>/lift/", freezes.lift, name="lift"),
    path("calendar/occasions/", occasions.occasions, name="occasions"),
    path("calendar/occasions/new/", occasions.add_occasion, name="add_occasion"),
    path(
        "calendar/occasions/<int:pk>/",
        occasions.rename_occasion,
        name="rename_occasion",
    ),
    path(
        "calendar/occasions/<int:pk>/remove/",
        occasions.drop_occasion,
        name="drop_occasion",
    ),
    path("settings/markets/", markets.markets, name="markets"),
    path("settings/markets/new/", markets.edit, name="add_market"),
    path("settings/markets/channels/", markets.add_channel, name="add_channel"),
    path("settings/markets/<str:code>/", markets.edit, name="edit_market"),
    path("settings/markets/shops/<str:name>/", markets.place_shop, name="place_shop"),
    path("settings/catalogue/", catalogue.catalogue, name="catalogue"),
    path("settings/catalogue/update/", catalogue.update, name="update_catalogue"),
    re_path(
        r"^settings/catalogue/file\.(?P<form>csv|xlsx)$",
        catalogue.download,
        name="catalogue_file",
    ),
    path("settings/approvers/", risk.risks, name="risks"),
    path("settings/approvers/save/", risk.save, name="save_risks"),
    path("campaigns/", pages.index, name="list"),
    path("campaigns/new/", plan.create, name="create"),
    path("campaigns/bundle/", bundles.bring_in, name="bring_in"),
    path("campaigns/next/", pages.next_event, name="next_event"),
    path("campaigns/search/", pages.search, name="search"),
    path("campaigns/<str:code>/", plan.plan, name="plan"),
    path("campaigns/<str:code>/terms/", plan.save, name="save"),
    path("campaigns/<str:code>/head/", pages.head, name="head"),
    path("campaigns/<str:code>/verdict/", plan.verdict, name="verdict"),
    path("campaigns/<str:code>/bundle/", bundles.export, name="bundle"),
    path("campaigns/<str:code>/duplicate/", plan.duplicate, name="duplicate"),
    path("campaigns/<str:code>/conflicts/", conflicts.table, name="conflicts"),
    path("campaigns/<str:code>/conflicts/settle/", conflicts.settle, name="settle"),
    path("campaigns/<str:code>/glass/", glass.review, name="review_glass"),
    path("campaigns/<str:code>/recheck/", plan.recheck, name="recheck"),
    path("campaigns/<str:code>/place/", placing.place, name="place"),
    path("campaigns/<str:code>/soon/", placing.soon, name="soon"),
    path("campaigns/<str:code>/ahead/", placing.ahead, name="ahead"),
    path("campaigns/<str:code>/move/", placing.move, name="move"),
    path("campaigns/<str:code>/told/", announcing.panel, name="told"),
    path("campaigns/<str:code>/told/add/", announcing.add, name="announce"),
    path("campaigns/<str:code>/told/<int:pk>/", announcing.change, name="change_told"),
    path(
        "campaigns/<str:code>/told/<int:pk>/remove/",
        announcing.remove,
        name="unannounce",
    ),
    path("campaigns/<str:code>/stock/", pages.stock, name="stock"),
    path("campaigns/<str:code>/capacity/", pages.capacity, name="capacity"),
    path("campaigns/<str:code>/activity/", pages.activity, name="activity"),
    path("campaigns/<str:code>/lines/", lines.table, name="lines"),
    path("campaigns/<str:code>/lines/add/", lines.add, name="add_line"),
    path("campaigns/<str:code>/lines/remove/", lines.remove, name="remove_lines"),
    path("campaigns/<str:code>/lines/<int:pk>/", lines.edit, name="edit_line"),
    path("campaigns/<str:code>/lines.<str:form>", lines.download, name="export"),
    path("campaigns/<str:code>/import/", imports.upload, name="import"),
    path("campaigns/<str:code>/import/<int:pk>/", imports.job, name="import_job"),
    path(
        "campaigns/<str:code>/import/<int:pk>/apply/",
        imports.apply,
        name="import_apply",
    ),
    path(
        "campaigns/<str:code>/import/<int:pk>/cancel/",
        imports.cancel,
        name="import_cancel",
    ),
    path(
        "campaigns/<str:code>/import/<int:pk>/errors.csv",
        imports.errors,
        name="import_errors",
    ),
    *_ACTS,
]

_EDIT = (
    "create save duplicate move add_line remove_lines edit_line"
    " import import_apply import_cancel settle announce change_told unannounce"
    " bring_in add_occasion rename_occasion drop_occasion"
)
ACCESS: dict[str, str] = {
    pattern.name: "login" for pattern in urlpatterns if pattern.name
} | dict.fromkeys(_EDIT.split(), "campaigns.edit")
ACCESS["feed"] = "public"
ACCESS |= dict.fromkeys(("freeze", "freeze_sales", "lift"), "campaigns.freeze")
_MARKETS = ("add_market", "edit_market", "add_channel", "place_shop")
ACCESS |= dict.fromkeys(_MARKETS, "campaigns.markets")
ACCESS["review_glass"] = "campaigns.approve"
ACCESS["recheck"] = "campaigns.note"
ACCESS["update_catalogue"] = "prices.edit"
ACCESS["save_risks"] = "campaigns.risk"
ACCESS |= paths.NEEDS
ACCESS |= {name: action.need for name, action in actions.ACTIONS.items()}
