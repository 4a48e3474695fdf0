"""How pydantic takes a model: as a field, a request body, a response. Imported by pydantic only."""

from __future__ import annotations

import typing
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import attrs
from pydantic_core import core_schema

from fingerprint_async._runtime.errors import DecodeError
from fingerprint_async._runtime.plan import ADDITIONAL, plan_of

if TYPE_CHECKING:
    from fingerprint_async._runtime.model import Model

__all__ = ["core_schema_of"]


_described: Final[ContextVar[set[str] | None]] = ContextVar("_described", default=None)
"""The models that stand within the one that is being described: each is described once."""


def core_schema_of(cls: type[Model], handler: Any) -> Any:
    """Describe a model to pydantic.

    It validates an instance as it is, and an object or JSON leniently, as `from_dict` does. It
    dumps `to_dict()`. Its JSON schema lists the fields, and allows others.
    """
    ref = f"{cls.__module__}.{cls.__qualname__}"
    described_before = _described.get()
    if described_before is None:
        token = _described.set(set())
        try:
            return core_schema_of(cls, handler)
        finally:
            _described.reset(token)
    if ref in described_before:
        return core_schema.definition_reference_schema(ref)
    described_before.add(ref)

    def validate(value: Any, _fields: object) -> Model:
        if isinstance(value, cls):
            return value
        try:
            return cls.from_dict(value)
        except DecodeError as error:
            # pydantic takes a ValueError of any kind for a validation error, text and all.
            raise ValueError(str(error)) from None

    def describe(schema: Any, describe_fields: Any) -> Any:
        described = describe_fields(schema)
        found = describe_fields.resolve_ref_schema(described)
        found["title"] = cls.__name__
        found["additionalProperties"] = True
        if cls.__doc__:
            found["description"] = cls.__doc__.split("\n\n")[0]
        return described

    return core_schema.no_info_wrap_validator_function(
        validate,
        # For the JSON schema only: it validates nothing.
        _fields_schema(cls, handler),
        ref=ref,
        metadata={"pydantic_js_functions": [describe]},
        serialization=core_schema.plain_serializer_function_ser_schema(cls.to_dict),
    )


def _fields_schema(cls: type[Model], handler: Any) -> Any:
    plan = plan_of(cls)
    hints = typing.get_type_hints(cls)
    return core_schema.typed_dict_schema(
        {
            plan.by_name[field.name].wire: core_schema.typed_dict_field(
                handler.generate_schema(hints[field.name]),
                required=plan.by_name[field.name].required,
            )
            for field in attrs.fields(cls)
            if field.name != ADDITIONAL
        },
        cls_name=cls.__name__,
    )
