"""The trail only grows: the database itself refuses to change or remove an entry."""

from django.db import migrations

FORWARD = """
create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only: % refused', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_entry_stays before update or delete on audit_entry
    for each row execute function audit_refuse();
create trigger audit_entry_is_kept before truncate on audit_entry
    for each statement execute function audit_refuse();
"""
BACKWARD = """
drop trigger audit_entry_is_kept on audit_entry;
drop trigger audit_entry_stays on audit_entry;
drop function audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
