"""The operations and webhooks of a document, as a client sees them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from fingerprint_async.drift.contract.keywords import METHODS
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fingerprint_async.drift.contract.document import Document

__all__ = ["Endpoint", "endpoints", "template"]

_NAMES = re.compile(r"\{([^{}]*)\}")


def template(path: str) -> str:
    """A path without the names in its template: what the URL looks like."""
    return _NAMES.sub("{}", path)


@attrs.frozen(eq=False)
class Endpoint:
    """An operation that we call, or one that is called on us.

    Attributes:
        path: Path template, or the name of a webhook or callback.
        method: In lower case.
        pointer: Where it stands.
        raw: The operation object.
        parameters: By place and name: the parameter as defined, and where that is.
        received: Whether it is a webhook or callback: its body is something that we receive.
        servers: The place whose servers it has instead of the document's: its own, or its path's.
        owner: Where the operation stands whose callback it is; empty for what is none.
        callback: The callback's name.
    """

    path: str
    method: str
    pointer: str
    raw: Mapping[str, Any]
    parameters: Mapping[tuple[str, str], tuple[Mapping[str, Any], str]]
    received: bool = False
    servers: str | None = None
    owner: str = ""
    callback: str = ""

    @property
    def id(self) -> str:
        """The operationId, or what stands in for it."""
        named = self.raw.get("operationId")
        return named if isinstance(named, str) else self.address

    @property
    def address(self) -> str:
        """Method and path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def words(self) -> str:
        """In plain words, inside a sentence."""
        return f"webhook {self.path}" if self.received else self.address

    @property
    def label(self) -> str:
        """In a list of operations: the id and the address."""
        if self.received:
            return f"webhook {self.path}"
        return f"{self.id} ({self.address})" if "operationId" in self.raw else self.address

    @property
    def template_names(self) -> list[str]:
        """The names in the path template, in order."""
        return [] if self.received else _NAMES.findall(self.path)


def endpoints(document: Document) -> list[Endpoint]:
    """Every operation, webhook and callback of a document."""
    found: list[Endpoint] = []
    for path, item, pointer in document.entries(document.raw, "paths", ""):
        for endpoint in _of_item(document, path, item, pointer, received=False):
            found.append(endpoint)
            found.extend(_callbacks(document, endpoint))
    for name, item, pointer in document.entries(document.raw, "webhooks", ""):
        found.extend(_of_item(document, name, item, pointer, received=True))
    return found


def _of_item(document: Document, path: str, raw: Any, at: str, *, received: bool) -> list[Endpoint]:
    item, where = document.follow(raw, at)
    shared = _parameters(document, item, where)
    found: list[Endpoint] = []
    for method in METHODS:
        if method not in item:
            continue
        pointer = f"{where}/{method}"
        operation = document.mapping(item[method], pointer)
        servers = next(
            (at for at, holder in ((pointer, operation), (where, item)) if "servers" in holder),
            None,
        )
        if "operationId" in operation:
            document.string(operation["operationId"], f"{pointer}/operationId")
        own = _parameters(document, operation, pointer)
        found.append(
            Endpoint(path, method, pointer, operation, {**shared, **own}, received, servers)
        )
    return found


def _parameters(
    document: Document, holder: Mapping[str, Any], at: str
) -> dict[tuple[str, str], tuple[Mapping[str, Any], str]]:
    found: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
    for index, raw in enumerate(document.sequence(holder.get("parameters"), f"{at}/parameters")):
        parameter, where = document.follow(raw, f"{at}/parameters/{index}")
        name = document.string(parameter.get("name"), f"{where}/name")
        place = document.string(parameter.get("in"), f"{where}/in")
        if place == "header":
            name = name.lower()
            if name in {"accept", "content-type", "authorization"}:
                # The specification ignores these: other parts of a document speak about them.
                continue
        found[place, name] = parameter, where
    return found


def _callbacks(document: Document, endpoint: Endpoint) -> list[Endpoint]:
    found: list[Endpoint] = []
    for name, raw, at in document.entries(endpoint.raw, "callbacks", endpoint.pointer):
        callback, where = document.follow(raw, at)
        for expression, item in callback.items():
            if not expression.startswith("x-"):
                place = f"{where}/{escape(expression)}"
                words = f"{name} of {endpoint.method.upper()} {template(endpoint.path)}"
                found.extend(
                    attrs.evolve(each, owner=endpoint.pointer, callback=name)
                    for each in _of_item(
                        document, f"{words} at {expression}", item, place, received=True
                    )
                )
    return found
