"""A person or a program: what an account of one never does; plain Python."""

from __future__ import annotations

from collections.abc import Set

from console.errors import Refusal

SERVICE = "service"
"""The role that makes an account a program's."""


class ServiceAlone(Refusal):
    """A program's account holds no role of a person's, and never becomes one."""

    code = "service_alone"
    status = 422


class NoService(Refusal):
    """The account is a person's."""

    code = "no_service"


class ServiceClosed(Refusal):
    """The program's account is deactivated."""

    code = "service_closed"


class NeverSignsIn(Refusal):
    """A program is given tokens, never a link to choose a password by."""

    code = "never_signs_in"


def check_kind(wanted: Set[str], held: Set[str] | None) -> None:
    """Refuse an account that is a person and a program, at once or in turn.

    held: the roles so far; None if the account is new.

    Raises:
        ServiceAlone: what to do instead.
    """
    if SERVICE in wanted and wanted != {SERVICE}:
        raise ServiceAlone(
            "A service is a program and holds no other role. Choose service alone; its "
            "tokens say what it may do.",
            field="roles",
        )
    if held and (SERVICE in wanted) != (SERVICE in held):
        raise ServiceAlone(
            "A person does not become a service, nor a service a person. Add another "
            "account.",
            field="roles",
        )


def check_service(service: bool, name: str) -> None:
    """Refuse to give out or end a person's tokens for them.

    Raises:
        NoService: who does instead.
    """
    if not service:
        raise NoService(
            f"{name} is a person, who issues and revokes their own tokens on the page "
            "Account, API tokens."
        )


def check_open(active: bool, name: str) -> None:
    """Refuse a token that would open nothing.

    Raises:
        ServiceClosed: activate the account first.
    """
    if not active:
        raise ServiceClosed(f"{name} is deactivated. Activate it first.")


def check_signs_in(service: bool, name: str) -> None:
    """Refuse a link for an account that never signs in.

    Raises:
        NeverSignsIn: what there is instead.
    """
    if service:
        raise NeverSignsIn(
            f"{name} is a service and never signs in. Issue a token for it instead."
        )
