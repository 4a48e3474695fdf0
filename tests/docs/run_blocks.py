"""Run the Python blocks of a page, in order, in one namespace; `await` works at the top level.

A script of its own, so that each page has a process of its own: `run_blocks.py PAGE`, with the
setup of the page as Python on standard input. It prints `BLOCK n` before each block.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sys
import types
from pathlib import Path

BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks_of(page: Path) -> list[str]:
    """Return the Python blocks of a page."""
    return BLOCK.findall(page.read_text())


def main() -> None:
    """Run them."""
    page = Path(sys.argv[1])
    module = types.ModuleType("page")
    sys.modules["page"] = module
    names = module.__dict__
    with asyncio.Runner() as runner:

        def run(source: str, name: str) -> None:
            code = compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if code.co_flags & inspect.CO_COROUTINE:
                runner.run(eval(code, names))  # noqa: S307 - a page of ours
            else:
                exec(code, names)  # noqa: S102 - a page of ours

        run(sys.stdin.read(), "<setup>")
        for number, block in enumerate(blocks_of(page), 1):
            print("BLOCK", number, flush=True)  # noqa: T201 - the test reads it
            run(block, f"{page.name}, block {number}")


if __name__ == "__main__":
    main()
