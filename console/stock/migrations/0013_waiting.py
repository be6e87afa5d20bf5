"""A SKU can be stopped, sold before it is there, and waited for.

What may be sold counts units that are promised, so its column is made anew. There is no
way back: older code calls functions that are gone.
"""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

SQL = Path(__file__).resolve().parent.parent / "sql"
ACCOUNTS = [
    (name, name.capitalize())
    for name in (
        "outside", "free", "held", "committed", "pool", "buffer", "reserved", "sold",
        "promised", "owed", "shipped", "returned",
    )
]
STATES = [(n, n.capitalize()) for n in ("waiting", "offered", "taken", "passed", "left")]
BEFORE = """
DROP TRIGGER allocation_is_back ON stock_allocation;
DROP TRIGGER gate_is_changed ON stock_salegate;
DROP FUNCTION stock_reserve(
    text[], text[], int[], uuid[], int[], text[], text[], bytea[], text[], int[], int[],
    int[], int[], timestamptz);
"""


def kept(to, name, **words):
    """What a row refers to stays as long as the row."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to, **words
    )


def count(**words):
    """A number that is 0 unless told."""
    return models.IntegerField(default=0, **words)


def check(name, **words):
    """A condition on one row."""
    return models.CheckConstraint(condition=Q(**words), name=name)


WAITER = migrations.CreateModel(
    name="Waiter",
    fields=[
        ("id", models.UUIDField(primary_key=True, serialize=False)),
        ("client", models.CharField(max_length=60)),
        ("key", models.CharField(max_length=255)),
        ("body_hash", models.BinaryField()),
        ("buyer", models.CharField(max_length=128)),
        ("units", models.IntegerField()),
        ("offered", count()),
        ("state", models.CharField(choices=STATES, max_length=10)),
        ("position", models.BigIntegerField()),
        ("made_at", models.DateTimeField()),
        ("offered_at", models.DateTimeField(null=True)),
        ("ended_at", models.DateTimeField(null=True)),
        ("allocation", kept("stock.allocation", "waiters")),
    ],
    options={
        "indexes": [
            models.Index(
                fields=["allocation", "position"],
                condition=Q(state="waiting"),
                name="waiter_in_line",
            ),
            models.Index(
                fields=["id"], condition=Q(state="offered"), name="waiter_offered"
            ),
        ],
        "constraints": [
            models.UniqueConstraint(
                fields=("allocation", "buyer"),
                condition=Q(state__in=("waiting", "offered")),
                name="waiter_once_per_buyer",
            ),
            check("waiter_state_is_known", state__in=[state for state, _ in STATES]),
            check(
                "waiter_is_offered_what_it_wants",
                units__gte=1,
                offered__gte=0,
                offered__lte=F("units"),
            ),
        ],
    },
)
BELL = migrations.CreateModel(
    name="OfferBell",
    fields=[
        (
            "id",
            models.SmallIntegerField(default=1, primary_key=True, serialize=False),
        ),
        ("at", models.DateTimeField()),
    ],
    options={"constraints": [check("offer_bell_is_one", id=1)]},
)
BACKORDER = migrations.CreateModel(
    name="Backorder",
    fields=[
        (
            "id",
            models.BigAutoField(
                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
            ),
        ),
        ("units", models.IntegerField()),
        ("told_at", models.DateTimeField(null=True)),
        ("owed", count()),
        ("filled", count()),
        ("dropped", count()),
        ("allocation", kept("stock.allocation", "backorders")),
        ("reservation", kept("stock.reservation", "backorders", db_constraint=False)),
    ],
    options={
        "indexes": [
            models.Index(
                fields=["allocation"],
                condition=Q(owed__gt=F("filled") + F("dropped")),
                name="backorder_owed",
            ),
        ],
        "constraints": [
            models.UniqueConstraint(
                fields=("reservation", "allocation"), name="backorder_once_per_line"
            ),
            check(
                "backorder_is_not_negative",
                units__gte=0,
                owed__gte=0,
                filled__gte=0,
                dropped__gte=0,
            ),
            check("backorder_owes_what_it_promised", units__gte=F("owed")),
            check("backorder_fills_what_it_owes", owed__gte=F("filled") + F("dropped")),
        ],
    },
)
FIELDS = {
    "state": models.CharField(
        choices=[("open", "Open"), ("stopped", "Stopped")],
        db_default="open",
        default="open",
        max_length=10,
    ),
    "backorder": count(db_default=0, help_text="Units sold before they are there."),
    "promise_at": models.DateTimeField(blank=True, null=True),
    "waiting": count(db_default=0, help_text="Units that buyers wait for."),
    "sellable": models.GeneratedField(
        expression=F("quantity") + F("backorder") - F("buffer") - F("taken"),
        output_field=models.IntegerField(),
        db_persist=True,
    ),
}
CONSTRAINTS = [
    check("allocation_never_oversold", sellable__gte=0),
    check("allocation_state_is_known", state__in=["open", "stopped"]),
    check("allocation_promises_are_not_negative", backorder__gte=0, waiting__gte=0),
]


def functions(name):
    """A file of functions, whether they are there already or not."""
    text = (SQL / f"{name}.sql").read_text()
    return migrations.RunSQL(
        text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("stock", "0012_audit")]

    operations = [
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.RemoveConstraint("allocation", "allocation_never_oversold"),
        migrations.RemoveField("allocation", "sellable"),
        *(migrations.AddField("allocation", *pair) for pair in FIELDS.items()),
        *(migrations.AddConstraint("allocation", one) for one in CONSTRAINTS),
        migrations.AddIndex(
            "allocation",
            models.Index(
                fields=["id"], condition=Q(waiting__gt=0), name="allocation_awaited"
            ),
        ),
        *(
            migrations.AlterField(
                "movement", name, models.CharField(choices=ACCOUNTS, max_length=10)
            )
            for name in ("source", "target")
        ),
        WAITER,
        BELL,
        BACKORDER,
        *(
            functions(name)
            for name in (
                "reserve", "settle", "scarcity", "back", "stops", "waiting", "offers",
            )
        ),
    ]
