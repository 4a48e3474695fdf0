# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Secrets in the forms in which callers have them: text, bytes, objects with a secret inside.

Every function takes and returns wrapped values, so that no frame holds a secret. A foreign
exception is dropped before an error of ours is raised: its frames and its text may hold one.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from fingerprint_async._secret import Secret
from fingerprint_async._settings import kind_of
from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MOST_SECRETS", "HasSecretValue", "SecretForm", "ask", "is_one", "unpack", "wrap_each"]

MOST_SECRETS: Final = 16
"""How many secrets are tried at most."""


class HasSecretValue(Protocol):
    """An object with a secret inside, as pydantic's `SecretStr` and `SecretBytes`."""

    def get_secret_value(self) -> str | bytes:
        """Return the secret."""
        ...


SecretForm: TypeAlias = "str | bytes | HasSecretValue"


def is_one(given: Secret) -> bool:
    """Tell whether a value is one secret, not a collection of some."""
    value_type = type(given.hidden)
    return issubclass(value_type, str | bytes) or hasattr(value_type, "get_secret_value")


def ask(given: Secret) -> Secret:
    """Return the secret that is inside an object; None in its place if the object gives none."""
    try:
        return Secret(cast("HasSecretValue", given.hidden).get_secret_value())
    except Exception:  # noqa: BLE001 - a foreign object: whatever it raises, it gave no secret
        return Secret(None)


def unpack(given: Secret, *, name: str) -> Secret:
    """Return the bytes of one secret; of a text its UTF-8.

    Raises:
        ConfigurationError: It is of none of the forms.
    """
    kind = kind_of(given.hidden)
    if not isinstance(given.hidden, str | bytes):
        given = ask(given)
    if isinstance(given.hidden, str):
        given = _encode(given)
        if given.hidden is None:
            raise ConfigurationError(f"{name} holds lone surrogates, which have no bytes")
    if not isinstance(given.hidden, bytes):
        raise ConfigurationError(
            f"{name}: expected str, bytes or an object with get_secret_value(), got {kind}"
        )
    return given


def wrap_each(given: Secret, *, name: str) -> list[Secret]:
    """Return the members of a collection of secrets, each wrapped.

    Raises:
        ConfigurationError: It is no collection, it is empty, or it holds more than `MOST_SECRETS`.
    """
    kind = kind_of(given.hidden)
    members = None if isinstance(given.hidden, bytearray | memoryview | dict) else _list(given)
    if members is None:
        raise ConfigurationError(f"{name}: expected a list of secrets, got {kind}")
    if not members:
        raise ConfigurationError(f"{name}: at least one is needed")
    if len(members) > MOST_SECRETS:
        raise ConfigurationError(f"{name}: at most {MOST_SECRETS} are tried")
    return members


def _encode(given: Secret) -> Secret:
    try:
        return Secret(str.encode(cast("str", given.hidden)))
    except UnicodeEncodeError:
        return Secret(None)


def _list(given: Secret) -> list[Secret] | None:
    try:
        return list(map(Secret, islice(cast("Iterable[object]", given.hidden), MOST_SECRETS + 1)))
    except Exception:  # noqa: BLE001 - a foreign iterable: whatever it raises, it gave no secrets
        return None
