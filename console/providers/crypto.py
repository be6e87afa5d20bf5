"""Secrets at rest: AES-GCM under a list of keys, bound to the row they belong to."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from console.errors import Refusal

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Text = models.TextField[str, str]
else:
    Text = models.TextField

NONCE_BYTES = 12


class SecretUnreadable(Refusal):
    """No key opens this secret, or it was moved here from another row."""

    code = "secret_unreadable"
    status = 409


class Sealed(str):
    """A secret as the database keeps it: `v1.<key>.<nonce and ciphertext>`."""

    __slots__ = ()


def seal(plain: str, *, bound_to: str) -> Sealed:
    """Encrypt under the newest key.

    bound_to: where the secret lives; it opens nowhere else.
    """
    if not plain:
        return Sealed("")
    key = settings.SECRET_KEYS_AT_REST[0]
    nonce = os.urandom(NONCE_BYTES)
    hidden = AESGCM(key).encrypt(nonce, plain.encode(), bound_to.encode())
    body = base64.urlsafe_b64encode(nonce + hidden).decode()
    return Sealed(f"v1.{key_id(key)}.{body}")


def unseal(sealed: str, *, bound_to: str) -> str:
    """Decrypt what `seal` made for the same place.

    Raises:
        SecretUnreadable: the key is gone, or the text was changed or moved.
    """
    if not sealed:
        return ""
    try:
        _version, kid, body = sealed.split(".")
        raw = base64.urlsafe_b64decode(body)
        key = next(k for k in settings.SECRET_KEYS_AT_REST if key_id(k) == kid)
        place = bound_to.encode()
        plain = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place)
    except (ValueError, StopIteration, InvalidTag) as error:
        raise SecretUnreadable(
            f"The secret in {bound_to} cannot be read. Enter it again, "
            "or restore its key in SECRET_KEYS_AT_REST."
        ) from error
    return plain.decode()


def key_id(key: bytes) -> str:
    """A short name of a key that says nothing about it."""
    return hashlib.sha256(b"key-id:" + key).hexdigest()[:8]


class _Secret(DeferredAttribute):
    """Reads as plain text; the instance itself holds what the database holds."""

    field: SealedField

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        held = super().__get__(instance, cls)
        if isinstance(held, Sealed):
            return unseal(held, bound_to=self.field.place(instance))
        return held

    def __set__(self, instance: Any, value: str) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(Text):
    """Text that is encrypted in the database and bound to table, column and row name.

    name_field: the field that names the row; it must not change afterwards.
    """

    descriptor_class = _Secret

    def __init__(self, *args: Any, name_field: str = "name", **kwargs: Any) -> None:
        """Remember which field names the row."""
        self.name_field = name_field
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the name field in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "name_field": self.name_field}

    def place(self, instance: models.Model) -> str:
        """Where a secret lives, as its ciphertext is bound to it."""
        row = getattr(instance, self.name_field)
        return f"{self.model._meta.db_table}.{self.column}:{row}"

    def from_db_value(
        self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper
    ) -> Sealed:
        """Keep it sealed until somebody asks."""
        return Sealed(value or "")

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed:
        """Seal what was set in plain text."""
        held = model_instance.__dict__.get(self.attname, "")
        if not isinstance(held, Sealed):
            held = seal(held, bound_to=self.place(model_instance))
            model_instance.__dict__[self.attname] = held
        return held

    def get_prep_value(self, value: Any) -> str:
        """Refuse plain text on its way to the database by another road."""
        if value and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} can only be written by saving its row")
        return str(value or "")

    def value_from_object(self, obj: models.Model) -> str:
        """Forms and `dumpdata` leave it out; a backup of the database has it sealed."""
        return ""
