"""What a level said when a count of it began to wait; of those that are there, unknown."""

from django.db import migrations, models
from django.db.models import Q

NAMES = ("was_on_hand", "was_committed", "was_buffer")


class Migration(migrations.Migration):
    """Three columns without a default, all of them known or none."""

    dependencies = [("stock", "0020_ids")]
    operations = [
        *(
            migrations.AddField("pendingcount", name, models.IntegerField(null=True))
            for name in NAMES
        ),
        migrations.AddConstraint(
            "pendingcount",
            models.CheckConstraint(
                condition=Q(was_on_hand=None, was_committed=None, was_buffer=None)
                | Q(
                    was_on_hand__isnull=False,
                    was_on_hand__gte=0,
                    was_committed__isnull=False,
                    was_committed__gte=0,
                    was_buffer__isnull=False,
                    was_buffer__gte=0,
                ),
                name="pending_count_knows_all_of_before_or_none",
            ),
        ),
    ]
