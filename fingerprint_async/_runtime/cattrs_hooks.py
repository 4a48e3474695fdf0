"""How cattrs takes models: it has no rule of its own for an enum that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async._runtime.model import Model

if TYPE_CHECKING:
    from cattrs import BaseConverter

__all__ = ["configure_converter"]


def configure_converter(converter: BaseConverter) -> None:
    """Teach a cattrs converter the models.

    It structures them as `from_dict` does, and unstructures them as `to_dict` does: without loss.

    Args:
        converter: The converter, such as `cattrs.Converter()`; or `cattrs.global_converter`.
    """
    converter.register_structure_hook_func(_is_model, _structure)
    converter.register_unstructure_hook_func(_is_model, Model.to_dict)


def _is_model(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Model)


def _structure(value: Any, cls: type[Model]) -> Model:
    return value if isinstance(value, cls) else cls.from_dict(value)
