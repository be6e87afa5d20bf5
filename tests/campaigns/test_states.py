"""Every state against every event."""

from __future__ import annotations

from itertools import product

import pytest

from console.campaigns import rules
from console.campaigns.rules import Event, State, WrongState
from console.shell.states import LIFE, STATES

# One row a state: what each event leads to; every other event is refused.
TABLE = """
draft      edit=draft submit=in_review abort=aborted
in_review  edit=draft withdraw=draft reject=draft approve=approved abort=aborted
approved   edit=draft withdraw=draft arm=armed lapse=in_review abort=aborted
armed      edit=draft withdraw=draft warm=warming extend=armed abort=aborted fail=failed
warming    ready=ready extend=warming abort=aborted fail=failed
ready      open=live extend=ready abort=aborted fail=failed
live       pause=paused extend=live end=ending abort=aborted
paused     resume=live extend=paused end=ending abort=aborted
ending     close=closed fail=failed
closed
aborted
failed
"""
ROWS = {row.split()[0]: row.split()[1:] for row in TABLE.strip().splitlines()}
for running in ("armed", "warming", "ready", "live", "paused"):
    ROWS[running].append(f"amend={running}")
EXPECTED = {
    (State(state), Event(event)): to
    for state, cells in ROWS.items()
    for event, _, to in (cell.partition("=") for cell in cells)
}


@pytest.mark.parametrize("state,event", list(product(State, Event)))
def test_every_event_in_every_state(state: State, event: Event) -> None:
    expected = EXPECTED.get((state, event))
    assert rules.allows(state, event) == (expected is not None)
    if expected:
        assert rules.after(state, event) == expected
        return
    with pytest.raises(WrongState) as refused:
        rules.after(state, event)
    assert state.label.lower() in refused.value.message
    assert rules.NEEDS[event] in refused.value.message


def test_the_table_names_every_state() -> None:
    assert set(ROWS) == {state.value for state in State}


def test_every_state_has_its_word_on_the_screen() -> None:
    assert {state.value for state in State} <= set(STATES)
    assert set(LIFE) <= {state.value for state in State}
    for state in State:
        assert STATES[state].word == state.label
