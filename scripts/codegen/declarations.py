"""What the templates declare: fields, parameters, operations, enums."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs

__all__ = ["Base", "Endpoint", "Enumeration", "Field", "Parameter", "literal"]


def literal(value: Any) -> str:
    """Write a value of JSON as Python does."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


@attrs.frozen
class Base:
    """The hand-written class that a model is derived from.

    Attributes:
        module: Its module in `fingerprint_async/_runtime/`.
        name: Its name.
    """

    module: str
    name: str


@attrs.frozen(kw_only=True)
class Field:
    """One field of a model.

    Attributes:
        name: Its name in the JSON.
        python_name: Its name in Python.
        annotation: Its annotation; for an optional field without the None of an absent one.
        required: Whether the schema asks for it.
        nullable: Whether an optional field may be null.
        personal: Whether it is about people, and so hidden in reprs.
    """

    name: str
    python_name: str
    annotation: str
    required: bool
    nullable: bool = False
    personal: bool = False

    @property
    def declaration(self) -> str:
        """The line of the class that declares it."""
        annotation = self.annotation
        if not self.required and annotation != "None":
            annotation += " | None"
        arguments = [] if self.required else ["default=None"]
        if self.personal:
            arguments.append("repr=False")
        said = []
        if self.name != self.python_name:
            said.append(f"name={literal(self.name)}")
        if self.nullable:
            said.append("nullable=True")
        if said:
            arguments.append(f"metadata=json_field({', '.join(said)})")
        if not arguments:
            return f"{self.python_name}: {annotation}"
        if arguments == ["default=None"]:
            return f"{self.python_name}: {annotation} = None"
        return f"{self.python_name}: {annotation} = attrs.field({', '.join(arguments)})"


@attrs.frozen
class Parameter:
    """One parameter of an operation."""

    name: str
    python_name: str
    required: bool
    annotation: str


@attrs.frozen
class Endpoint:
    """One operation."""

    operation_id: str
    url: str
    path_parameters: list[Parameter]
    query: list[Parameter]
    body: str | None
    body_required: bool
    result: str
    imports: list[tuple[str, str]]

    @property
    def params_name(self) -> str:
        """The name of the TypedDict of its query parameters."""
        words = re.split(r"\W|_", self.operation_id)
        return "".join(f"{word[:1].upper()}{word[1:]}" for word in (*words, "Params"))

    @property
    def optional_params_name(self) -> str:
        """The name of the TypedDict in which they may be None."""
        return f"Optional{self.params_name}"


@attrs.frozen
class Enumeration:
    """One enum class.

    Attributes:
        name: The class.
        module: Its module.
        base: `StrEnum` or `IntEnum`.
        members: Names and literals.
        aliases: Other names of the class: those of the schemas that list the same values.
    """

    name: str
    module: str
    base: str
    members: list[tuple[str, str]]
    aliases: list[str]
