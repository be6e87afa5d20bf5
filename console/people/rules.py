"""What may not happen to an account; plain Python."""

from __future__ import annotations

from collections.abc import Collection

from console.errors import Refusal

ADMIN = "admin"


class NameTaken(Refusal):
    """Another account has this user name."""

    code = "name_taken"
    status = 422


class NotYourself(Refusal):
    """Admins do not shut themselves out."""

    code = "not_yourself"


class LastAdmin(Refusal):
    """Somebody must be able to let others in."""

    code = "last_admin"


def check_not_own(actor_id: int | None, person_id: int, *, what: str) -> None:
    """Refuse what an admin would do to their own account by mistake.

    what: `deactivate yourself`, as the sentence goes on.

    Raises:
        NotYourself: actor and person are one.
    """
    if actor_id == person_id:
        raise NotYourself(f"You cannot {what}. Ask another admin.")


def check_admin_left(person_id: int, admin_ids: Collection[int]) -> None:
    """Refuse to take the last active admin away.

    admin_ids: everybody who is an active admin now.

    Raises:
        LastAdmin: this person is the only one.
    """
    if set(admin_ids) == {person_id}:
        raise LastAdmin("This is the last active admin. Make another one first.")
