"""What a describe says about reading an object, and queries that fit into an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_pipeline.crm.protocol import Span
from crm_pipeline.crm.salesforce import soql
from crm_pipeline.crm.salesforce.shape import Shape
from crm_pipeline.crm.salesforce.soql import Query

AT = datetime(2026, 6, 1, tzinfo=UTC)


def _shape(**filterable: bool) -> Shape:
    fields: list[dict[str, Any]] = [{"name": name, "filterable": may} for name, may in filterable.items()]
    return Shape({"name": "Thing__c", "fields": fields})


@pytest.mark.parametrize(
    ("filterable", "clock"),
    [
        ({"SystemModstamp": True, "LastModifiedDate": True, "CreatedDate": True}, "SystemModstamp"),
        ({"SystemModstamp": False, "LastModifiedDate": True, "CreatedDate": True}, "LastModifiedDate"),
        ({"SystemModstamp": False, "CreatedDate": True}, "CreatedDate"),
        ({"SystemModstamp": False}, ""),
        ({}, ""),
    ],
)
def test_a_window_is_cut_by_a_time_that_a_query_may_filter(filterable, clock):
    shape = _shape(**filterable)
    assert shape.clock == clock
    if clock:
        text = shape.changes(["Name"], AT, None).text()
        assert text.endswith(f"Name FROM Thing__c WHERE {clock} >= 2026-06-01T00:00:00.000Z")


def test_what_an_object_has_not_is_not_asked_for():
    shape = _shape(Id=True, CreatedDate=True)
    assert shape.everything(["Id", "Name"]).text() == "SELECT Id, Name FROM Thing__c"
    assert shape.gone() == []
    assert (shape.system, shape.evidence) == (("Id", "CreatedDate"), ())


@pytest.mark.parametrize("length", [3, 40])
def test_a_query_is_spread_over_as_few_as_fit(length):
    columns = tuple(f"C{number:0{length}}" for number in range(1000))
    parts = Query("Thing__c", ("Id", *columns), ("A = 1",)).parts()
    assert [name for part in parts for name in part.columns if name != "Id"] == list(columns)
    assert all(part.fits and part.columns[0] == "Id" for part in parts)
    assert (len(parts) > 1) == (length == 40)


def test_a_span_is_a_condition():
    query = Query("Thing__c", ("Id",)).where(*soql.between(Span("a'", "b")))
    assert query.text(ordered=True) == "SELECT Id FROM Thing__c WHERE Id > 'a\\'' AND Id <= 'b' ORDER BY Id"
    assert soql.between(Span()) == []
