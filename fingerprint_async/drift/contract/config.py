# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""What a team decided about drift: classes of rules at places, changes it accepts, and why.

```toml
[policy]
open_enums = true          # unknown values of an enum are kept

[[override]]               # this rule has another class here
rule = "RESP-ENUM-ADDED"
location = "/components/schemas/ProxyDetails/**"
class = "breaking"
reason = "our billing switches over every proxy type"

[[ignore]]                 # known and accepted
rule = "REQ-PARAM-REMOVED"
location = "/paths/~1events/get/parameters/*"
reason = "we never sent it"
expires = 2027-01-31       # the last day; an expired decision decides nothing
```
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import attrs

from fingerprint_async.drift.contract.errors import ConfigError
from fingerprint_async.drift.contract.rules import RULES, ChangeClass, Policy

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.changes import Change

__all__ = ["Config", "Decision", "load_config", "parse_config"]

DEFAULT_FILE = "fingerprint-drift.toml"

_TABLES = frozenset({"policy", "override", "ignore"})


@attrs.frozen(kw_only=True)
class Decision:
    """One decision about a rule at a place.

    Attributes:
        rule: The rule's id; `*` stands for any letters.
        location: A JSON pointer; `*` stands for one step, `**` for any steps.
        reason: Why.
        cls: The class that the change has here; None: it is ignored.
        expires: The last day on which it decides; None: it has none.
    """

    rule: str
    location: str
    reason: str
    cls: ChangeClass | None = None
    expires: date | None = None

    def fits(self, change: Change) -> bool:
        """Whether the decision is about this change."""
        if not any(_glob(self.rule, "").match(hit.rule) for hit in change.rules):
            return False
        pattern = _glob(self.location, "/")
        return pattern.match(change.location) is not None or (
            change.old_location is not None and pattern.match(change.old_location) is not None
        )

    def __str__(self) -> str:
        action = "ignore" if self.cls is None else f"override to {self.cls}"
        until = f" (until {self.expires})" if self.expires is not None else ""
        return f"{action} {self.rule} at {self.location}{until}: {self.reason}"


@attrs.frozen(kw_only=True)
class Config:
    """A drift configuration."""

    policy: Policy = attrs.field(factory=Policy)
    overrides: Sequence[Decision] = ()
    ignores: Sequence[Decision] = ()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, those that ignore first."""
        return (*self.ignores, *self.overrides)


def _glob(pattern: str, separator: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", pattern)
    one = f"[^{separator}]*" if separator else ".*"
    return re.compile(
        "".join({"**": ".*", "*": one}.get(part, re.escape(part)) for part in parts) + r"\Z",
        re.DOTALL,
    )


def parse_config(text: str, *, source: str) -> Config:
    """Read a configuration.

    Args:
        text: TOML, with the tables `policy`, `override` and `ignore`.
        source: Its path, for messages.

    Raises:
        ConfigError: It is no TOML, knows no such rule or switch, or gives no reason.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML: {error}") from None
    for name in raw.keys() - _TABLES:
        raise ConfigError(f"{source}: unknown table [{name}]{_nearest(name, _TABLES)}")
    return Config(
        policy=_policy(raw.get("policy", {}), source),
        overrides=tuple(_decisions(raw.get("override", []), "override", source)),
        ignores=tuple(_decisions(raw.get("ignore", []), "ignore", source)),
    )


def load_config(path: Path | None) -> Config:
    """Read the configuration from a file; the default file may be missing, a named one may not.

    Raises:
        ConfigError: There is no such file, or it can't be used.
    """
    place = path or Path(DEFAULT_FILE)
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(f"{place}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}: can't be read: {error}") from None
    return parse_config(text, source=str(place))


def _policy(raw: Any, source: str) -> Policy:
    names = {field.name for field in attrs.fields(Policy)}
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{source}: [policy] must be a table")
    for name, value in raw.items():
        if name not in names:
            raise ConfigError(f"{source}: [policy] has no switch {name!r}{_nearest(name, names)}")
        if not isinstance(value, bool):
            raise ConfigError(f"{source}: [policy] {name} must be true or false")
    return Policy(**raw)


def _decisions(raw: Any, table: str, source: str) -> list[Decision]:
    if not isinstance(raw, list):
        raise ConfigError(f"{source}: write [[{table}]], one table a decision")
    return [
        _decision(item, f"{source}: [[{table}]] {index}", table)
        for index, item in enumerate(raw, start=1)
    ]


def _decision(raw: Any, where: str, table: str) -> Decision:
    wanted = {"rule", "location", "reason"} | ({"class"} if table == "override" else set())
    if not isinstance(raw, Mapping):
        raise ConfigError(f"{where}: must be a table")
    for name in raw.keys() - wanted - {"expires"}:
        raise ConfigError(f"{where}: unknown key {name!r}{_nearest(name, wanted)}")
    for name in sorted(wanted):
        if not isinstance(raw.get(name), str) or not raw[name].strip():
            raise ConfigError(f"{where}: {name!r} is missing, as text")
    rule = raw["rule"]
    if not any(_glob(rule, "").match(known) for known in RULES):
        raise ConfigError(f"{where}: no rule {rule!r}{_nearest(rule, RULES)}")
    if not raw["location"].startswith(("/", "*")):
        raise ConfigError(
            f"{where}: location must be a JSON pointer, such as /components/schemas/Event/**"
        )
    cls = raw.get("class")
    if cls is not None and cls not in get_args(ChangeClass):
        raise ConfigError(f"{where}: class must be one of {', '.join(get_args(ChangeClass))}")
    expires = raw.get("expires")
    if expires is not None and (not isinstance(expires, date) or isinstance(expires, datetime)):
        raise ConfigError(f"{where}: expires must be a day, such as 2027-01-31, without quotes")
    return Decision(
        rule=rule,
        location=raw["location"],
        reason=raw["reason"].strip(),
        cls=cls,
        expires=expires,
    )


def _nearest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
