"""An emulator's arguments from a file, and the command that takes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async.cli import main
from fingerprint_async.testing import ApiKey, Emulator, Fault, Hostile, Ruleset
from fingerprint_async.testing.emulator.config import arguments_of, read_config

if TYPE_CHECKING:
    from pathlib import Path

TOML = """
events = 50
rate = 7
latency = "0.1:0.2"
start = "2026-01-01T00:00:00Z"
end = 1767312000000
faults = ["search:unavailable=0.1", {kind = "stall", seconds = 0.5}]
hostile = ["ids_twice=0.2"]
clock = {speed = 60}
webhooks = [{url = "http://127.0.0.1:1/", secret = "s"}]
[rates]
vpn = 0.5
[keys.k1]
region = "eu"
[rulesets.rs_mine]
default = "block"
rules = [{expression = "vpn", action = "allow"}]
"""


def test_a_file_says_what_the_constructor_takes(tmp_path: Path) -> None:
    """TOML or JSON: the same names, plain values."""
    path = tmp_path / "emulator.toml"
    path.write_text(TOML)
    given = read_config(path)
    assert given["keys"] == {"k1": ApiKey(region="eu")}
    assert given["faults"][1] == Fault(kind="stall", seconds=0.5)
    assert given["hostile"] == [Hostile("ids_twice", amount=0.2)]
    assert isinstance(given["rulesets"]["rs_mine"], Ruleset)
    emulator = Emulator(**given)
    assert (len(emulator.dataset), emulator.bucket.rate, emulator.latency) == (50, 7, (0.1, 0.2))
    assert (emulator.start, emulator.clock.speed) == (1_767_225_600_000, 60)
    path = tmp_path / "emulator.json"
    path.write_text(json.dumps({"events": 3, "late": [0.1, 9], "keys": ["a"]}))
    assert read_config(path) == {"events": 3, "late": (0.1, 9.0), "keys": ["a"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"event": 3}, "unknown event"),
        ({"start": "yesterday"}, "start is Unix ms or RFC 3339"),
        ({"latency": "fast"}, "latency is a number"),
        ({"latency": [1, 2, 3]}, "latency is a number"),
        ({"keys": {"k": {"zone": 1}}}, "keys is wrong.*zone"),
        ({"rulesets": {"r": {"rules": [{"expression": "(", "action": "allow"}]}}}, "expression"),
        ({"faults": ["x"]}, "faults is wrong"),
        ({"faults": 3}, "faults is wrong"),
        ({"clock": {"speed": -1}}, "clock is wrong"),
        ({"webhooks": [{"url": "x"}]}, "webhooks is wrong"),
    ],
)
def test_mistakes_are_named(given: dict[str, Any], message: str) -> None:
    """A mistake is a ValueError that names the argument."""
    with pytest.raises(ValueError, match=message):
        arguments_of(given)


@pytest.mark.parametrize("text", ["events =", "", "{", "[]", '"x"', "\udc80"])
@pytest.mark.parametrize("name", ["c.toml", "c.json"])
def test_the_command_tells_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    """What cannot be read is exit 2 and one line; an empty TOML file is no mistake."""
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    if name == "c.toml" and text == "":
        assert read_config(path) == {}
        return
    assert run("serve", "--config", str(path)) == 2
    assert capsys.readouterr().err.startswith("fingerprint-async: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", ""], "--host must name an address"),
        (["--hostile", "kindness"], "unknown behaviour 'kindness'"),
        (["--webhook", "nothing"], "http or https"),
        (["--tomorrow", "2"], "tomorrow"),
        (["--retention", "-1"], "retention"),
        (["--clock-speed", "-1"], "speed"),
    ],
)
def test_the_command_tells_bad_options(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """Exit 2, and what would be right."""
    assert run("serve", *words) == 2
    assert message in capsys.readouterr().err


def run(*words: str) -> int:
    """Run the command in this process; return its exit code."""
    try:
        return int(main(list(words)) or 0)
    except SystemExit as end:
        return int(end.code or 0)
