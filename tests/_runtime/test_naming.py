"""Names of the document to names in Python."""

from __future__ import annotations

import keyword
import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.naming import (
    FIELD_NAMES_TAKEN,
    PARAMETER_NAMES_TAKEN,
    Style,
    python_names,
)

STYLES = st.sampled_from(get_args(Style))
TAKEN = {"field": FIELD_NAMES_TAKEN, "parameter": PARAMETER_NAMES_TAKEN, "member": frozenset()}
# Names that collide often, beside any at all.
NAMES = (
    st.text(max_size=6)
    | st.text("aAbB_-. 29é", max_size=5)
    | st.sampled_from(sorted(FIELD_NAMES_TAKEN) + keyword.kwlist + keyword.softkwlist)
)


@given(st.sets(NAMES, max_size=12), STYLES)
def test_names_are_valid_and_distinct(names: set[str], style: Style) -> None:
    """Each is an identifier as Python's parser reads it, free, and nobody else's."""
    found = python_names(names, style)
    assert names == found.keys()
    assert len(set(found.values())) == len(names)
    for name in found.values():
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name == unicodedata.normalize("NFKC", name)
        assert name not in TAKEN[style]
        assert not name.startswith("_")


@given(st.lists(NAMES, unique=True, max_size=8), STYLES, st.randoms())
def test_names_do_not_depend_on_the_order(names: list[str], style: Style, random: object) -> None:
    """A document with its names in another order gives the same names."""
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert python_names(names, style) == python_names(shuffled, style)


@pytest.mark.parametrize(
    ("name", "python_name"),
    [
        ("visitorId", "visitor_id"),
        ("IPAddress", "ip_address"),
        ("a.b-c d", "a_b_c_d"),
        ("class", "class_"),
        ("from", "from_"),
        ("None", "none"),
        ("self", "self_"),
        ("str", "str_"),
        ("findings", "findings_"),
        ("to_json", "to_json_"),
        ("additional_properties", "additional_properties_"),
        ("match", "match"),
        ("9lives", "field_9lives"),
        ("²", "field_2"),
        ("௰", "field"),
        ("", "field"),
        ("--", "field"),
        ("__init__", "init"),
        ("_json", "json"),
        ("日本", "日本"),
        ("ﬁ", "fi"),
        ("ΐ", "ΐ"),
    ],
)
def test_a_field_is_snake_case(name: str, python_name: str) -> None:
    """What Python keeps for itself, or the base of models, gets an underscore."""
    assert {name: python_name} == python_names([name], "field")


@pytest.mark.parametrize(
    ("name", "python_name"),
    [
        ("not_detected", "NOT_DETECTED"),
        ("aiAgent", "AI_AGENT"),
        ("9", "VALUE_9"),
        ("", "EMPTY"),
        ("mro", "MRO"),
        ("class", "CLASS"),
        ("None", "NONE"),
        ("_x_", "X"),
        ("ΐ", unicodedata.normalize("NFKC", "ΐ".upper())),
    ],
)
def test_a_member_is_upper_case(name: str, python_name: str) -> None:
    """Members of enums are constants."""
    assert {name: python_name} == python_names([name], "member")


def test_what_would_be_one_name_becomes_several() -> None:
    """The one that is written so already keeps the name; the others are numbered."""
    assert python_names(["a-b", "a_b", "aB", "a_b_2"], "field") == {
        "a-b": "a_b_3",
        "a_b": "a_b",
        "aB": "a_b_4",
        "a_b_2": "a_b_2",
    }
    assert python_names(["a-b", "a_b"], "member") == {"a-b": "A_B_2", "a_b": "A_B"}
    assert python_names(["", "-"], "member") == {"": "EMPTY", "-": "EMPTY_2"}


def test_a_name_that_was_chosen_by_hand_stays() -> None:
    """It comes before one that is written so."""
    given = {"5_minutes": "five_minutes"}
    assert python_names(["five_minutes", "5_minutes"], "field", given) == {
        "five_minutes": "five_minutes_2",
        "5_minutes": "five_minutes",
    }


def test_no_field_hides_what_models_have() -> None:
    """Every public attribute of the base is taken."""
    assert {name for name in dir(Model) if not name.startswith("_")} <= FIELD_NAMES_TAKEN
