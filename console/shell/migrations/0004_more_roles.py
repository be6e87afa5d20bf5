"""Commander, auditor and service; who could break the glass still can.

An operator could break the glass alone. The commander may now, so whoever is an operator
becomes a commander as well; an admin takes the role from those who should not have it.
"""

from django.db import migrations

ROLES = ["commander", "auditor", "service"]


def make_groups(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


def keep_the_glass(apps, schema_editor):
    group, user = (apps.get_model("auth", name) for name in ("Group", "User"))
    commander = group.objects.get(name="commander")
    commander.user_set.add(*user.objects.filter(groups__name="operator"))


class Migration(migrations.Migration):
    dependencies = [
        ("shell", "0003_answer"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(keep_the_glass, migrations.RunPython.noop),
    ]
