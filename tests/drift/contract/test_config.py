"""Decisions about drift, and what is wrong with those that can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from fingerprint_async.drift.contract.config import DEFAULT_FILE, Config, load_config, parse_config
from fingerprint_async.drift.contract.errors import ConfigError
from fingerprint_async.drift.contract.rules import Policy

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = = 1", "not TOML"),
        ("[ignor]\n", "unknown table [ignor]; did you mean 'ignore'?"),
        ("policy = 1", "[policy] must be a table"),
        ("[policy]\nopen_enum = true", "no switch 'open_enum'; did you mean 'open_enums'?"),
        ("[policy]\nopen_enums = 1", "must be true or false"),
        ("[ignore]\nrule = 'DOCS'", "write [[ignore]]"),
        ("ignore = [1]", "[[ignore]] 1: must be a table"),
        ("[[ignore]]\nrule='DOCS'\nlocation='/a'", "'reason' is missing"),
        ("[[ignore]]\nrule='DOCS'\nlocation='/a'\nreason=' '", "'reason' is missing"),
        (
            "[[ignore]]\nrule='DOCS'\nlocation='/a'\nreason='x'\nclass='breaking'",
            "unknown key 'class'",
        ),
        (
            "[[ignore]]\nrule='OP-REMOVE'\nlocation='/a'\nreason='x'",
            "no rule 'OP-REMOVE'; did you mean 'OP-REMOVED'?",
        ),
        ("[[ignore]]\nrule='OP-REMOVED'\nlocation='a'\nreason='x'", "must be a JSON pointer"),
        (
            "[[override]]\nrule='OP-REMOVED'\nlocation='/a'\nreason='x'\nclass='bad'",
            "class must be one of",
        ),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    """One line names the file, the place and what was meant, perhaps."""
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="drift.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("drift.toml: ")


def test_a_configuration_is_read() -> None:
    """Switches, overrides and ignores are what they say."""
    config = parse_config(
        (ROOT / "examples/schema-drift/fingerprint-drift.toml").read_text(), source="x"
    )
    assert config.policy == Policy()
    assert [(each.rule, each.cls) for each in config.overrides] == [("RESP-ENUM-ADDED", "breaking")]
    assert [(each.rule, each.cls) for each in config.ignores] == [("REQ-PARAM-*", None)]
    assert parse_config("[policy]\nopen_enums = false", source="x").policy == Policy(
        open_enums=False
    )


def test_the_default_file_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file nothing is decided; a file that was named must be there and be text."""
    monkeypatch.chdir(tmp_path)
    assert load_config(None) == Config()
    (tmp_path / DEFAULT_FILE).write_text("[policy]\nstable_symbols = true\n")
    assert load_config(None).policy == Policy(stable_symbols=True)
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "other.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="can't be read"):
        load_config(tmp_path / "binary.toml")
