"""The version, in the one place where it stands.

Reading it from installed metadata costs a first call 10 ms.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
