"""Evidence of price claims: sealed, and checked from the file alone."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from config.env import ROOT
from console.audit.rules import link
from console.prices.rules.evidence import (
    LineFacts,
    Row,
    SaleFacts,
    Sealed,
    Shown,
    check,
    parts,
    seal,
)
from console.prices.rules.packs import Law
from tests.prices.test_claims import run
from tests.prices.test_rules import FLASH, PROGRESSIVE, ZONE, at, history

PACKS = [Law("eu", ("progressive",)), Law("eu-fi"), Law("uk"), Law("us")]


def rows(points: list[Any]) -> list[Row]:
    return [
        Row(n, p.from_at, p.amount, "sale" if p.sale else "regular", "", p.from_at)
        for n, p in enumerate(points, start=1)
    ]


HISTORIES = {
    "LAMP": rows(FLASH),
    'BOOT "42"': rows(PROGRESSIVE),
    "TENT ü": rows(history(("01-01", 100))),
}


def sale(**more: Any) -> SaleFacts:
    """A sale of three SKUs; one without any history."""
    values = {
        "code": "FS-1", "name": "Black Friday", "currency": "EUR", "channel": "web",
        "zone": ZONE, "opens_at": at("11-27"), "closes_at": at("11-30"),
        "lines": [LineFacts(sku, sku, D(100), D("49.90")) for sku in [*HISTORIES, "X"]],
        "packs": PACKS, "content_hash": "c0ffee", "up_to": 50, "countdown": True,
        "approvals": [{"by": "Mara Kent", "at": "2026-11-20"}],
        "others": [run("NEXT", "12-02", "12-04", {"LAMP": 60, "OTHER": 5})],
    }  # fmt: skip
    return SaleFacts(**(values | more))


def sealed(**more: Any) -> Sealed:
    return seal(parts(sale(**more), HISTORIES))


FILE = sealed().text.encode()


def test_evidence_holds_and_says_what_it_rests_on() -> None:
    report = check(FILE)
    assert (report.holds, report.void, report.parts) == (True, [], 8)
    content = sealed().parts
    lamp = content["line LAMP"]
    assert (lamp["prior"], lamp["claim"], lamp["badge"]) == ("79", 36, "−36%")
    assert lamp["lowest"] == "Lowest price of the last 30 days: €79.00"
    assert len(lamp["history"]) == 3
    assert content["line X"]["claim"] == 0
    assert lamp["judgements"][0]["pack"] == "eu v2 with progressive"
    assert content["packs"][0]["version"] == 2
    assert "lowest price" in content["packs"][0]["rules"][-1]["text"]
    assert content["approvals"][0]["by"] == "Mara Kent"
    assert content["other sales"][0]["depths"] == {"LAMP": 60}


def test_evidence_that_names_an_older_pack_is_checked_by_that() -> None:
    older = sealed(packs=[Law("eu", version=1), Law("eu-fi", version=1)])
    assert check(older.text.encode()).holds
    assert [one["version"] for one in older.parts["packs"]] == [1, 1]


def test_a_price_for_members_is_in_the_file_only_where_it_is_one() -> None:
    lines = [LineFacts("LAMP", "LAMP", D(100), D("49.90"), members=True)]
    members = sealed(lines=lines)
    assert check(members.text.encode()).holds
    assert members.parts["line LAMP"]["offer"]["members"]
    assert "members" not in sealed().parts["line LAMP"]["offer"]


def test_equal_facts_are_equal_bytes() -> None:
    assert sealed() == sealed()
    assert sealed(up_to=51).seal != sealed().seal


@given(st.integers(0, len(FILE) - 1), st.integers(0, 255))
def test_no_byte_may_change(position: int, byte: int) -> None:
    changed = bytearray(FILE)
    changed[position] = byte
    assert check(bytes(changed)).holds is (bytes(changed) == FILE)


@given(st.integers(0, len(FILE) - 1))
def test_the_file_may_not_be_cut(length: int) -> None:
    assert not check(FILE[:length]).holds


def test_the_void_part_is_named_and_the_others_hold() -> None:
    spoiled = FILE.replace(b'"amount":"79"', b'"amount":"99"')
    assert [one.part for one in check(spoiled).void] == ["line LAMP"]
    broken = FILE.replace(b'"badge":"', b'"badge:"', 1)
    (void,) = check(broken).void
    assert void.why == "is damaged and cannot be read"


def test_a_part_may_not_be_taken_out() -> None:
    lines = FILE.split(b"\n")
    assert not check(b"\n".join(lines[:3] + lines[4:])).holds


def _forged(change: Any) -> bytes:
    """The same file sealed anew after a change, as a clever person would."""
    told = [(name, change(name, content)) for name, content in sealed().parts.items()]
    return seal(told).text.encode()


@pytest.mark.parametrize("key,value", [("claim", 50), ("prior", "100"), ("badge", "")])
def test_a_new_seal_does_not_make_wrong_numbers_right(key: str, value: Any) -> None:
    forged = _forged(
        lambda name, content: content | {key: value} if name == "line LAMP" else content
    )
    (void,) = check(forged).void
    assert (void.part, void.why) == ("line LAMP", f"does not add up: {key}")


def test_a_pack_the_console_does_not_have_is_void() -> None:
    def other(name: str, content: Any) -> Any:
        if name == "packs":
            return [one | {"hash": "0" * 64} for one in content]
        return content

    assert [one.part for one in check(_forged(other)).void] == ["packs"]


@pytest.mark.parametrize("name", ["sale", "line LAMP", "approvals", "packs"])
def test_a_part_of_another_shape_is_void(name: str) -> None:
    forged = _forged(lambda n, content: {"no": 1} if n == name else content)
    assert name == "approvals" or not check(forged).holds


def _said(units: int = 3, text: str = "Only 3 left at this price") -> Shown:
    return Shown("LAMP", units, text, at("11-28"), at("11-29"))


def test_what_was_said_of_the_last_units_is_a_part_by_itself() -> None:
    """Where nothing was said there is no such part: older seals stay what they are."""
    file = sealed(scarcity=[_said()])
    assert file.parts["scarcity"] == [_said().plain()]
    assert check(file.text.encode()).holds
    assert "scarcity" not in sealed().parts


@pytest.mark.parametrize(
    "said",
    [
        _said(units=4),
        _said(text="Only 3 of 5 left"),
        _said(text="Hurry"),
        Shown("LAMP", 3, "3 left", at("11-29"), at("11-28")),
    ],
)
def test_a_text_with_another_number_than_the_ledger_is_void(said: Shown) -> None:
    (void,) = check(sealed(scarcity=[_said(), said]).text.encode()).void
    assert void.part == "scarcity"
    assert void.why == "LAMP was said to have other units left than the ledger had"


@pytest.mark.parametrize("content", [{"no": 1}, [{"sku": "LAMP"}], 7])
def test_texts_of_another_shape_are_void(content: Any) -> None:
    told = list(sealed(scarcity=[_said()]).parts.items())
    forged = seal([*told[:-1], ("scarcity", content)])
    assert not check(forged.text.encode()).holds


def test_links_are_those_of_the_trail() -> None:
    import json

    first = json.loads(FILE)["parts"][0]
    body = {"name": first["name"], "content": first["content"]}
    assert first["hash"] == link("0" * 64, body)


def _command(path: Path) -> subprocess.CompletedProcess[str]:
    """In a process that has no settings, no database and no Django."""
    play = (
        "import sys; sys.modules['django'] = None; sys.modules['numpy'] = None;"
        " from console.prices.verify_evidence import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", play, str(path)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )


def test_one_command_checks_offline(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_bytes(FILE)
    done = _command(path)
    assert done.returncode == 0, done.stderr
    assert f"Seal {sealed().seal}" in done.stdout
    path.write_bytes(FILE.replace(b"Mara Kent", b"Mira Kent"))
    done = _command(path)
    assert done.returncode == 1
    assert done.stdout == "VOID approvals: was changed after it was sealed\n"
    assert _command(tmp_path / "none").returncode == 1


def test_manage_checks_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evidence.json"
    path.write_bytes(FILE)
    call_command("verify_evidence", str(path))
    assert "Holds: 8 parts" in capsys.readouterr().out
    path.write_bytes(FILE[:-1])
    with pytest.raises(CommandError, match="VOID"):
        call_command("verify_evidence", str(path))
