"""The table of fields holds together."""

from __future__ import annotations

from collections import Counter

import pytest

from indexer.fields import BY_NAME, FIELDS, PARTS, Field, field_named, parts_of


def test_no_two_fields_answer_to_one_name() -> None:
    """A name or alias belongs to one field only."""
    names = Counter(name for field in FIELDS for name in (field.name, *field.aliases))

    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_is_named_in_the_letters_that_the_grammar_takes(field: Field) -> None:
    """Names are lower-case letters and hyphens, two at least: `c:` and `10:` can be no field."""
    for name in (field.name, *field.aliases):
        assert name.replace("-", "").isalpha()
        assert name.isascii()
        assert name == name.lower()
        assert len(name) > 1


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_explains_itself(field: Field) -> None:
    """Each field has a help line, and an example that uses it."""
    assert field.help
    assert not field.help.endswith(".")
    assert f"{field.name}:" in field.example


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_looks_into_parts_that_exist(field: Field) -> None:
    """Fields of words look into indexed parts, their own among them; the others into none."""
    assert set(field.parts) <= set(PARTS)
    assert (field.kind in ("words", "file")) == bool(field.parts) == (field.weight > 0)
    assert not field.parts or field.name in field.parts


def test_only_fields_of_choice_have_choices() -> None:
    """`choices` is for the kind `choice`, which needs them."""
    assert {field.name for field in FIELDS if field.choices} == {f.name for f in FIELDS if f.kind == "choice"}


def test_weights_rank_subject_above_new_text_above_quotation() -> None:
    """The order that the design fixes holds."""
    weight = {name: BY_NAME[name].weight for name in PARTS}

    assert weight["subject"] > weight["said"] > weight["quoted"] >= weight["text-in-file"]


def test_fields_are_found_by_name_alias_and_in_any_case() -> None:
    """`FROM:`, `from:` and `author:` are one field, and an unknown name is none."""
    assert field_named("FROM") is field_named("author") is BY_NAME["from"]
    assert field_named("colour") is None


def test_a_word_without_a_field_is_looked_for_in_all_that_is_indexed() -> None:
    """`memory` is found in the text of an attachment too."""
    assert parts_of(None) == ("subject", "from", "said", "quoted", "file", "text-in-file")
    assert parts_of("said") == ("subject", "said")
