"""The price history only grows: it is the proof of what was charged and when."""

from django.db import migrations

FORWARD = """
create function prices_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the price history is append-only: % refused', tg_op
        using errcode = 'insufficient_privilege';
end
$$;
create trigger price_stays before update or delete on prices_pricepoint
    for each row execute function prices_refuse();
create trigger price_is_kept before truncate on prices_pricepoint
    for each statement execute function prices_refuse();
"""
BACKWARD = """
drop trigger price_is_kept on prices_pricepoint;
drop trigger price_stays on prices_pricepoint;
drop function prices_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("prices", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
