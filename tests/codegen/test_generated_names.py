"""Awkward schemas: what leads back to itself, and names that Python cannot have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.regenerate import Layout, generate
from codegen.yaml_text import write
from fingerprint_async.drift.contract.load import parse

ROOT = Path(__file__).resolve().parents[2]
HERE = Layout.of(ROOT)
pytestmark = pytest.mark.skipif(not HERE.pinned.exists(), reason="generation works in a checkout")

TEXT = {"type": "string"}
TREE = {"$ref": "#/components/schemas/TreeNode"}
BRANCH = {"$ref": "#/components/schemas/BranchNode"}
NAMES = ["a-b", "a_b", "class", "str", "from", "self", "findings", "9x", "", 'a"q', "to_dict"]
VALUES = ["a-b", "a_b", "", "9", "mro", "None", 'x"""y', "a\\b", "é"]
SCHEMAS: dict[str, Any] = {
    "TreeNode": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": TEXT,
            "parent": TREE,
            "kids": {"type": "array", "items": TREE},
            "branch": BRANCH,
        },
    },
    "BranchNode": {
        "type": "object",
        "properties": {
            "tree": TREE,
            "colours": {"type": "array", "items": {"type": "string", "enum": VALUES}},
            "additional_properties": TEXT,
            **dict.fromkeys(NAMES, TEXT),
        },
    },
}
RAW = {
    "name": "a",
    "parent": {"name": "b"},
    "kids": [{"name": "c", "kids": []}],
    "branch": {
        "tree": {"name": "d"},
        "colours": VALUES,
        "additional_properties": "x",
        **{name: f"value of {name}" for name in NAMES},
    },
}
CODE = """
import sys, json, importlib, typing, attrs
importlib.import_module("fingerprint_async_generated.models." + sys.argv[1])
from fingerprint_async_generated.models import BranchNode, TreeNode
raw = json.load(sys.stdin)
tree = TreeNode.from_dict(raw, strict=True)
assert tree.findings() == () and tree.to_dict() == raw == attrs.evolve(tree).to_dict()
assert tree.kids[0].name == "c" and tree.branch.tree.name == "d"
assert [colour.value for colour in tree.branch.colours] == raw["branch"]["colours"]
names = {field.name for field in attrs.fields(BranchNode)} - {"additional_properties"}
read = [getattr(tree.branch, name) for name in names if name not in {"tree", "colours"}]
given = [value for value in raw["branch"].values() if isinstance(value, str)]
assert sorted(read) == sorted(given), (read, given)
assert tree.branch.a_b == "value of a_b" and tree.branch.class_ == "value of class"
typing.get_type_hints(TreeNode), typing.get_type_hints(BranchNode)
"""


def test_awkward_schemas_become_models(tmp_path: Path) -> None:
    """Each module can be imported first; every field and every value has a name of its own."""
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    layout = Layout.of(tmp_path)
    document = parse(layout.pinned.read_bytes())
    document["components"]["schemas"] |= SCHEMAS
    document["components"]["schemas"]["Event"]["properties"]["tree_node"] = TREE
    text = write(document)
    layout.pinned.write_bytes(text if isinstance(text, bytes) else text.encode())
    generate(layout)
    for module in ("tree_node", "branch_node", "event"):
        subprocess.run(
            [sys.executable, "-c", CODE, module],
            input=json.dumps(RAW),
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(layout.generated)},
        )
