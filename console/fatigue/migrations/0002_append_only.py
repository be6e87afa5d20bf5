"""Policies only grow: no version is changed or removed, and none comes out of turn."""

from django.db import migrations

FORWARD = """
create function fatigue_policy_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'policy versions are append-only: % refused', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
create function fatigue_policy_count() returns trigger language plpgsql as $$
declare
    last record;
begin
    select version, since into last from fatigue_policy
        where audience_id = new.audience_id order by version desc limit 1;
    if new.version <> coalesce(last.version, 0) + 1 then
        raise exception 'policy version % does not follow %',
            new.version, coalesce(last.version, 0)
            using errcode = 'integrity_constraint_violation';
    end if;
    if new.since < last.since then
        raise exception 'policy version % would be in force before its predecessor',
            new.version using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
create trigger policy_stays before update or delete on fatigue_policy
    for each row execute function fatigue_policy_refuse();
create trigger policy_is_kept before truncate on fatigue_policy
    for each statement execute function fatigue_policy_refuse();
create trigger policy_counts_up before insert on fatigue_policy
    for each row execute function fatigue_policy_count();
"""
BACKWARD = """
drop trigger policy_counts_up on fatigue_policy;
drop trigger policy_is_kept on fatigue_policy;
drop trigger policy_stays on fatigue_policy;
drop function fatigue_policy_count();
drop function fatigue_policy_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("fatigue", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
