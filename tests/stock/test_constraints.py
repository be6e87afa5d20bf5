"""What must never be is refused by the database itself, by the name the docs tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from config.env import ROOT
from tests.stock.constraintkit import TWICE, again, one_of_each

pytestmark = pytest.mark.django_db
DOCS = Path(ROOT / "docs/stock.md")
BY = "(SELECT min(id) FROM auth_user)"


@pytest.fixture(autouse=True)
def _rows() -> None:
    one_of_each()
    connection.check_constraints()


def refused_by(sql: str) -> str:
    """The name of the constraint that refuses this."""
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    cause = refused.value.__cause__
    return str(cause.diag.constraint_name)  # type: ignore[union-attr]


CHANGES = [
    ("allocation_is_not_negative", "allocation", "taken = -1"),
    ("allocation_never_oversold", "allocation", "taken = 9"),
    ("allocation_never_oversold", "allocation", "buffer = 9"),
    ("allocation_never_oversold", "allocation", "quantity = 3"),
    ("allocation_promises_are_not_negative", "allocation", "backorder = -1"),
    ("allocation_promises_are_not_negative", "allocation", "waiting = -1"),
    ("allocation_state_is_known", "allocation", "state = 'ajar'"),
    ("audit_run_is_not_negative", "auditrun", "ms = -1"),
    ("audit_run_names_what_is_wrong", "auditrun", "wrong = 1"),
    ("backorder_fills_what_it_owes", "backorder", "owed = 1, filled = 1, dropped = 1"),
    ("backorder_is_not_negative", "backorder", "units = -1, owed = -1, filled = -1"),
    ("backorder_owes_what_it_promised", "backorder", "owed = 2"),
    ("bad_level_says_why", "badlevel", "message = ''"),
    ("buffer_policy_guards_units", "bufferpolicy", "low_at = -1"),
    ("buffer_policy_is_a_percentage", "bufferpolicy", "units = NULL, percent = 101"),
    ("buffer_policy_is_not_negative", "bufferpolicy", "units = -1"),
    ("buffer_policy_level_is_known", "bufferpolicy", "level = 'shelf'"),
    ("buffer_policy_names_its_target", "bufferpolicy", "target = ''"),
    ("buffer_policy_names_its_target", "bufferpolicy", "level = 'master'"),
    ("buffer_policy_says_units_or_percent", "bufferpolicy", "percent = 1"),
    ("buffer_policy_says_units_or_percent", "bufferpolicy", "units = NULL"),
    ("buffer_rule_has_units", "bufferrule", "units = 0"),
    ("buffer_rule_let_go_when_done", "bufferrule", "done_units = 1"),
    ("buffer_rule_says_when", "bufferrule", "value = 1"),
    ("buffer_rule_says_when", "bufferrule", "\"when\" = 'last_percent', value = 101"),
    ("delivery_is_not_negative", "delivery", "returned = -1"),
    ("delivery_ships_what_was_sold", "delivery", "shipped = 1, cancelled = 1"),
    ("delivery_takes_back_what_was_shipped", "delivery", "returned = 1"),
    ("feed_is_late_after_a_time", "feed", "late_after_s = 0"),
    ("feed_kind_is_known", "feed", "kind = 'pigeon'"),
    ("feed_secret_is_sealed", "feed", "secret = 'open'"),
    ("feed_movement_has_units", "feedmovement", "units = 0"),
    ("feed_movement_held_says_why", "feedmovement", "state = 'short'"),
    ("feed_movement_is_of_a_level", "feedmovement", "sku_id = NULL"),
    ("feed_movement_kind_is_known", "feedmovement", "kind = 'eaten'"),
    ("feed_movement_parked_by_a_fence", "feedmovement", "state = 'parked'"),
    ("feed_movement_state_is_known", "feedmovement", "state = 'lost'"),
    ("fence_drops_after_it_rose", "fence", "dropped_at = raised_at - interval '1 s'"),
    ("fence_is_acknowledged_once_down", "fence", "acknowledged_at = raised_at"),
    ("level_import_checks_no_more_than_there_is", "levelimport", "checked = 2"),
    ("level_import_counts_every_row", "levelimport", "state = 'done'"),
    ("level_import_failed_says_why", "levelimport", "state = 'failed'"),
    ("level_is_not_negative", "level", "committed = -1"),
    ("level_keeps_its_promises", "level", "on_hand = 9"),
    ("level_policies_hold_back", "level", "policy_buffer = -1"),
    ("limit_breach_rule_is_known", "limitbreach", "rule = 'none'"),
    ("movement_is_final", "movement", "units = 7"),
    ("offer_bell_is_one", "offerbell", "id = 2"),
    ("pending_count_decided_at_once", "pendingcount", "approved = false"),
    (
        "pending_count_has_four_eyes",
        "pendingcount",
        "approved = true, decided_by_id = by_id, decided_at = at",
    ),
    ("pending_count_is_not_negative", "pendingcount", "buffer = -1"),
    (
        "pending_count_knows_all_of_before_or_none",
        "pendingcount",
        "was_on_hand = 1, was_committed = NULL",
    ),
    ("rebuild_approved_at_once", "rebuild", "approved_at = proposed_at"),
    ("rebuild_has_a_plan", "rebuild", "plan = '[]'"),
    (
        "rebuild_has_four_eyes",
        "rebuild",
        "approved_by_id = proposed_by_id, approved_at = proposed_at",
    ),
    ("reservation_confirmed_names_its_order", "reservation", "\"order\" = ''"),
    ("reservation_line_has_units", "reservationline", "units = 0, sold = 0"),
    ("reservation_line_has_units", "reservationline", "short = -1"),
    ("reservation_line_sells_what_it_held", "reservationline", "sold = 9"),
    ("reservation_line_sells_what_it_held", "reservationline", "short = 2"),
    ("reservation_state_is_known", "reservation", "state = 'lost'"),
    ("sale_gate_holds_last", "salegate", "hold_ttl_s = 0"),
    ("sale_gate_state_is_known", "salegate", "state = 'ajar'"),
    (
        "scarcity_text_ends_after_it_began",
        "scarcitytext",
        "until_at = from_at - interval '1 s'",
    ),
    ("scarcity_text_tells_of_units", "scarcitytext", "units = 0"),
    ("scarcity_text_tells_of_units", "scarcitytext", "text = ''"),
    ("settlement_damaged_came_back", "settlement", "damaged = true"),
    ("settlement_has_units", "settlement", "units = 0"),
    ("settlement_kind_is_known", "settlement", "kind = 'eaten'"),
    ("shopfront_stopped_says_why", "shopfront", "stopped_at = now()"),
    ("shortfall_has_units", "shortfall", "units = 0"),
    ("shortfall_resolved_at_once", "shortfall", "resolution = 'refund'"),
    ("shortfall_resolved_at_once", "shortfall", "note = 'x'"),
    (
        "shortfall_resolved_at_once",
        "shortfall",
        f"resolved_at = at, resolved_by_id = {BY}, resolution = 'hope'",
    ),
    ("shown_failed_says_why", "shown", "state = 'failed'"),
    ("shown_is_not_negative", "shown", "wanted = -1"),
    ("shown_state_is_known", "shown", "state = 'lost'"),
    ("sku_certificate_is_final", "skucertificate", "hash = hash"),
    ("sku_has_a_code", "sku", "code = ''"),
    ("sku_price_is_not_negative", "sku", "regular_price = -1"),
    ("sold_is_not_negative", "sold", "units = -1"),
    ("sold_out_comes_back_from_being_out", "soldout", "back_at = now()"),
    ("sold_out_policy_redirect_leads_somewhere", "soldoutpolicy", "way = 'redirect'"),
    ("sold_out_policy_redirect_leads_somewhere", "soldoutpolicy", "\"to\" = 'X'"),
    ("sold_out_policy_way_is_known", "soldoutpolicy", "way = 'shrug'"),
    ("source_is_not_negative", "source", "units = -1"),
    ("undersell_run_is_not_negative", "undersellrun", "ms = -1"),
    ("undersell_run_names_what_is_stuck", "undersellrun", "units = 1"),
    ("waiter_is_offered_what_it_wants", "waiter", "offered = 2"),
    ("waiter_state_is_known", "waiter", "state = 'bored'"),
    ("wave_has_one_trigger", "wave", "after_sold = 50"),
    ("wave_has_one_trigger", "wave", "after_s = NULL"),
    ("wave_is_a_share", "wave", "share = 0"),
    ("wave_is_a_share", "wave", "share = 101"),
    ("wave_let_go_when_opened", "wave", "opened_units = 1"),
    ("wave_waits_for_a_percentage", "wave", "after_s = NULL, after_sold = 101"),
    ("wave_part_has_units", "wavepart", "units = 0"),
]
ENTRY = (
    "INSERT INTO stock_movement (at, sku_id, source, target, units, reason)"
    " SELECT now(), id, 'pool', '{}', {}, '' FROM stock_sku"
)
CERTIFICATE = (
    "INSERT INTO stock_skucertificate (campaign, sku_id, content, hash, at)"
    " SELECT 'FS-2', id, '{}', 'abc', now() FROM stock_sku"
)
NEVER = (
    "ALTER TABLE stock_bufferrule DROP CONSTRAINT buffer_rule_says_when;"
    " UPDATE stock_bufferrule SET \"when\" = 'never'"
)
"""Alone: what says no known time is refused by the other one as well."""
STATEMENTS = [
    ("buffer_rule_when_is_known", NEVER),
    ("movement_goes_somewhere", ENTRY.format("pool", 1)),
    ("movement_has_units", ENTRY.format("sold", 0)),
    ("movement_is_final", "DELETE FROM stock_movement"),
    ("movement_is_final", "TRUNCATE stock_movement"),
    ("sku_certificate_has_a_hash", CERTIFICATE),
    ("sku_certificate_is_final", "DELETE FROM stock_skucertificate"),
    ("sku_certificate_is_final", "TRUNCATE stock_skucertificate"),
]


@pytest.mark.parametrize("name,table,values", CHANGES)
def test_no_row_is_changed_into_what_cannot_be(
    name: str, table: str, values: str
) -> None:
    assert refused_by(f"UPDATE stock_{table} SET {values}") == name


@pytest.mark.parametrize("name,statement", STATEMENTS)
def test_nothing_is_written_that_cannot_be(name: str, statement: str) -> None:
    assert refused_by(statement) == name


@pytest.mark.parametrize("name,table", TWICE.items())
def test_no_fact_has_two_rows(name: str, table: str) -> None:
    assert refused_by(again(f"stock_{table}")) == name


def named_in_models() -> set[str]:
    found = apps.get_app_config("stock").get_models()
    return {one.name for model in found for one in model._meta.constraints}


TRIGGERS = {"movement_is_final", "sku_certificate_is_final"}
"""No constraint of a model: sql/ledger.sql and sql/certificates.sql refuse."""


def test_every_constraint_of_the_room_is_in_the_table_and_in_this_test() -> None:
    told = DOCS.read_text().partition("## What the database itself refuses")[2]
    table = "".join(re.findall(r"(?m)^\|(.*?)\|", told.partition("\n## ")[0]))
    listed = set(re.findall(r"`(\w+)`", table))
    tried = {name for name, *_ in CHANGES + STATEMENTS} | TWICE.keys()
    assert named_in_models() | TRIGGERS == listed == tried
