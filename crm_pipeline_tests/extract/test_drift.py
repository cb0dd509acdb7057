"""Which differences between two schemas are drift, and what they are called."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.extract.schema.drift import Change, changes

_FIELD = FieldSchema(
    "x",
    "X",
    "string",
    "text",
    length=80,
    references="Account",
    options=(Option("a", "A"), Option("b", "B"), Option("old", "Old", active=False)),
)


def _between(before, now, gone_before=()):
    return changes(*({f.name: f for f in fields} for fields in (before, now)), gone_before)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, []),
        ({"label": "another"}, []),
        ({"options": (Option("b", "Beta"), Option("old", "Old", active=False), Option("a", "Alpha"))}, []),
        ({"type": "number", "field_type": "number"}, [Change("x", "retyped", "string (text)", "number (number)")]),
        ({"field_type": "textarea"}, [Change("x", "retyped", "string (text)", "string (textarea)")]),
        ({"field_type": ""}, [Change("x", "retyped", "string (text)", "string")]),
        ({"references": "Contact"}, [Change("x", "refers to other records", "Account", "Contact")]),
        ({"length": 40}, [Change("x", "shortened", "80", "40")]),
        ({"length": 255}, [Change("x", "lengthened", "80", "255")]),
        ({"length": 0}, [Change("x", "lengthened", "80", "unlimited")]),
        ({"updateable": False}, [Change("x", "became read-only")]),
        ({"createable": False}, [Change("x", "became not settable on create")]),
        ({"calculated": True}, [Change("x", "became calculated")]),
        ({"required_on_create": True}, [Change("x", "became required")]),
        ({"nillable": False}, [Change("x", "became not clearable")]),
        ({"unique": True}, [Change("x", "became unique")]),
        ({"restricted": True}, [Change("x", "became restricted to its options")]),
        ({"options": _FIELD.options[1:]}, [Change("x", "options removed", '["a"]')]),
        ({"options": (*_FIELD.options, Option("新", ""))}, [Change("x", "options added", now='["新"]')]),
        (
            {"options": (Option("a", "", False), Option("b", ""), Option("old", ""))},
            [Change("x", "options deactivated", '["a"]'), Change("x", "options activated", now='["old"]')],
        ),
    ],
)
def test_a_change_of_a_field_has_a_name(now, expected):
    assert _between([_FIELD], [replace(_FIELD, **now)]) == expected


def test_a_length_out_of_nowhere_is_shorter():
    assert _between([replace(_FIELD, length=0)], [_FIELD]) == [Change("x", "shortened", "unlimited", "80")]


def test_fields_come_go_and_come_back():
    other = replace(_FIELD, name="y", type="date", field_type="")
    assert _between([_FIELD], [_FIELD, other]) == [Change("y", "new", now="date")]
    assert _between([_FIELD, other], [_FIELD]) == [Change("y", "gone", before="date")]
    assert _between([_FIELD], [_FIELD, other], {"y"}) == [Change("y", "back", now="date")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Change("x", "retyped", "date", "string (text)"), "x retyped: date -> string (text)"),
        (Change("x", "gone", "date"), "x gone: date"),
        (Change("x", "became read-only"), "x became read-only"),
        (Change("x", "options added", now='["' + "長" * 200 + '"]'), f'x options added: ["{"長" * 98} ...'),
    ],
)
def test_a_change_is_a_sentence(change, sentence):
    assert change.sentence == sentence


def test_a_first_read_is_no_drift():
    assert _between([], [_FIELD]) == []


_fields = st.builds(
    FieldSchema,
    st.sampled_from("abc"),
    st.just(""),
    st.sampled_from(("string", "number")),
    length=st.sampled_from((0, 40, 80)),
    updateable=st.booleans(),
    options=st.lists(st.builds(Option, st.sampled_from("pq"), st.just(""), st.booleans()), unique_by=lambda o: o.value)
    .map(lambda options: sorted(options, key=lambda o: o.value))
    .map(tuple),
)
_schemas = st.lists(_fields, min_size=1, unique_by=lambda f: f.name).map(lambda fields: {f.name: f for f in fields})


@given(_schemas, _schemas)
def test_what_differs_is_drift_and_nothing_else(before, now):
    assert {change.name for change in changes(before, now)} == {
        name for name in {*before, *now} if before.get(name) != now.get(name)
    }
