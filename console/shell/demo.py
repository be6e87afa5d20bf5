"""The people of the demo retailer; they exist in demo mode only."""

from __future__ import annotations

from dataclasses import dataclass

from console.shell.policy import Role

PASSWORD = "doorbuster"  # printed at start-up; demo mode stays on this machine


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in with one click. second: another one of their role."""

    username: str
    name: str
    role: Role
    does: str
    second: bool = False


PEOPLE = [
    Person("aino", "Aino Virtanen", Role.MERCHANDISER, "plans sales"),
    Person("lena", "Lena Brandt", Role.APPROVER, "approves them"),
    Person("ingrid", "Ingrid Dahl", Role.APPROVER, "approves them too", second=True),
    Person("tomasz", "Tomasz Wilk", Role.OPERATOR, "runs them"),
    Person("ines", "Ines Duarte", Role.COMMANDER, "leads the event"),
    Person("maren", "Maren Holt", Role.ADMIN, "sets things up"),
    Person("viktor", "Viktor Nyberg", Role.AUDITOR, "checks the trail"),
    Person("jonas", "Jonas Feld", Role.VIEWER, "watches"),
]
