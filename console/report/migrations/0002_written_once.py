"""A result is written once: the database itself refuses to change or remove it."""

from django.db import migrations

FORWARD = """
create function report_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'a result is written once: % refused', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
create trigger report_result_stays before update or delete on report_result
    for each row execute function report_refuse();
create trigger report_result_is_kept before truncate on report_result
    for each statement execute function report_refuse();
"""
BACKWARD = """
drop trigger report_result_is_kept on report_result;
drop trigger report_result_stays on report_result;
drop function report_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("report", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
