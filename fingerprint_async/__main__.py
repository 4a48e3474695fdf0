"""`python -m fingerprint_async`: the `fingerprint-async` command."""

from __future__ import annotations

import sys

from fingerprint_async.cli import main

if __name__ == "__main__":
    sys.exit(main())
