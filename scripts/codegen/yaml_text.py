"""Writing YAML: the same bytes for the same value."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["write"]


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML's signature
        """Write everything out where it stands."""
        return True


def write(value: Any) -> str:
    """Write a document: keys sorted, a line a value, no references inside."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=False,
        width=4096,
        allow_unicode=True,
        sort_keys=True,
    )
    return text
