"""The ledger that only grows, and the functions that promise, sell and give back."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
UNDO = """
DROP FUNCTION stock_sweep; DROP FUNCTION stock_release; DROP FUNCTION stock_confirm;
DROP FUNCTION stock_reserve; DROP FUNCTION stock_reclaim;
DROP FUNCTION stock_used;
DROP TRIGGER movement_is_final ON stock_movement;
DROP TRIGGER movement_is_final_whole ON stock_movement;
DROP FUNCTION stock_movement_is_final;
"""


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_tables")]

    operations = [
        migrations.RunSQL(
            "\n".join(
                (SQL / f"{name}.sql").read_text()
                for name in ("ledger", "reclaim", "reserve", "settle")
            ),
            UNDO,
        ),
    ]
