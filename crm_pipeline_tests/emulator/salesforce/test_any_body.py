"""Law: whatever body a client sends to a writing resource, it gets an answer or the platform's error."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_pipeline.emulator.clock import Clock
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.app import ROUTER
from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.errors import ApiError

_STORE = SalesforceStore(Clock())
_STORE.define_field("Lead", {"name": "Key__c", "length": 20, "externalId": True, "unique": True})
_LEAD = _STORE.create("Lead", {"LastName": "x", "Company": "C", "Key__c": "k"})

_PATHS = [
    ("POST", "sobjects/Lead"),
    ("PATCH", f"sobjects/Lead/{_LEAD}"),
    ("PATCH", "sobjects/Lead/Key__c/k"),
    ("POST", "composite"),
    ("POST", "composite/batch"),
    ("POST", "composite/graph"),
    ("POST", "composite/tree/Account"),
    ("POST", "composite/sobjects"),
    ("PATCH", "composite/sobjects"),
    ("PATCH", "composite/sobjects/Lead/Key__c"),
    ("PATCH", "composite/sobjects/Lead/Id"),
    ("POST", "composite/sobjects/Lead"),
    ("POST", "parameterizedSearch"),
]
_KEYS = st.sampled_from(
    "allOrNone batchRequests compositeRequest graphs graphId records attributes type referenceId method url body "  # noqa: SIM905
    "httpHeaders richInput haltOnError Id id ids fields LastName Company Key__c Title Name Contacts q sobjects name in "
    "NumberOfEmployees OwnerId".split()
)
_SCALARS = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1.5, 10**30, "", "x", "a b", "POST", "GET", "PATCH", "Lead", "Account", "k"),
        *(
            "/services/data/v62.0/sobjects/Lead",
            "v62.0/sobjects/Lead",
            "/services/data/v62.0/query?q=SELECT+Id+FROM+Lead",
        ),
        *("@{r.id}", "@{r.x[0].y}", _LEAD, _LEAD[:15], "001000000000000", "/services/data/v62.0/composite/sobjects"),
    ]
)
_BODIES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)


_SUB_REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
        "url": st.sampled_from([f"/services/data/v62.0/{path}" for _, path in _PATHS]) | _SCALARS,
        "referenceId": st.sampled_from(["r", "s", "t", "u"]),
    },
    optional={"body": _BODIES, "richInput": _BODIES, "httpHeaders": _BODIES},
)
_RECORDS = st.fixed_dictionaries(
    {"attributes": st.sampled_from([{"type": "Lead", "referenceId": "r"}, {"type": "Account", "referenceId": "s"}])},
    optional={"Id": _SCALARS, "Key__c": _BODIES, "Name": _BODIES, "LastName": _SCALARS, "Contacts": _BODIES},
)
_WHOLE = st.one_of(
    _BODIES,
    st.lists(_SUB_REQUESTS, max_size=4).map(lambda given: {"compositeRequest": given, "allOrNone": len(given) > 2}),
    st.lists(_SUB_REQUESTS, max_size=4).map(lambda given: {"batchRequests": given}),
    st.lists(_SUB_REQUESTS, max_size=4).map(lambda given: {"graphs": [{"graphId": "g", "compositeRequest": given}]}),
    st.lists(_RECORDS, max_size=4).map(lambda given: {"records": given}),
)


def _dispatch(call: Call) -> Answer:
    try:
        return ROUTER.answer(call)
    except ApiError as error:
        return Answer(error.status, error.body())


@settings(max_examples=500, deadline=None)
@given(path=st.sampled_from(_PATHS), body=_WHOLE)
def test_any_body_is_answered(path: tuple[str, str], body: Any) -> None:
    method, where = path
    call = Call(
        store=_STORE,
        dispatch=_dispatch,
        method=method,
        version="62.0",
        path=where,
        query={},
        headers={},
        body=body,
    )
    answer = _dispatch(call)
    assert 200 <= answer.status < 500
    assert orjson.dumps(answer.body)
