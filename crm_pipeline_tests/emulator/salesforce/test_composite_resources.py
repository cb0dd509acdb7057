"""The composite resources beyond a plain composite: batch, graph, and collections inside a composite."""

from __future__ import annotations

from typing import Any

import pytest

from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline_tests.emulator.salesforce.conftest import Raw

_ROOT = "/services/data/v62.0"
_LEAD = {"LastName": "佐藤", "Company": "佐藤商店"}


def _node(method: str, path: str, reference: str, body: Any = None, **headers: str) -> dict[str, Any]:
    node = {"method": method, "url": f"{_ROOT}/{path}", "referenceId": reference, "httpHeaders": headers}
    return node if body is None else {**node, "body": body}


def _of(name: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **fields}


# composite


def test_too_many_sub_requests_are_answered_as_one_refused_sub_request(raw: Raw) -> None:
    requests = [_node("GET", "sobjects", f"r{n}") for n in range(26)]
    answer = raw("POST", "composite", {"compositeRequest": requests})
    assert answer.status_code == 400
    assert answer.json() == {
        "compositeResponse": [
            {
                "body": [
                    {"errorCode": "LIMIT_EXCEEDED", "message": "The request can’t contain more than 25 operations."}
                ],
                "httpHeaders": {},
                "httpStatusCode": 400,
                "referenceId": None,
            }
        ]
    }


def test_references_reach_into_results_of_queries_and_collections(raw: Raw, store: SalesforceStore) -> None:
    records = {"records": [_of("Account", Name="A & B"), _of("Account", Name="C")]}
    requests = [
        _node("POST", "composite/sobjects", "made", records),
        _node("GET", "query?q=SELECT Id, Name FROM Account WHERE Id = '@{made[0].id}'", "found"),
        _node(
            "POST", "sobjects/Contact", "one", {"LastName": "@{found.records[0].Name}!", "AccountId": "@{made[1].id}"}
        ),
        _node("GET", "sobjects/Account/@%7Bfound.records%5B0%5D.Id%7D?fields=Name", "again"),
        _node("PATCH", "sobjects/Contact/@{one.id}", "lost", {"Title": "@{one.Nope}"}),
    ]
    answers = raw("POST", "composite", {"compositeRequest": requests}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [200, 200, 201, 200, 400]
    assert store.read("Contact", answers[2]["body"]["id"])["LastName"] == "A & B!"
    assert answers[3]["body"]["Name"] == "A & B"
    (error,) = answers[4]["body"]
    assert error["errorCode"] == "PROCESSING_HALTED"
    assert error["message"] == "Invalid reference specified. No value for one.Nope found in one"


@pytest.mark.parametrize(
    ("outer", "inner", "left"), [(False, False, 2), (False, True, 1), (True, False, 0), (True, True, 0)]
)
def test_all_or_none_of_a_composite_reaches_into_its_collections(
    raw: Raw, store: SalesforceStore, outer: bool, inner: bool, left: int
) -> None:
    collection = {"allOrNone": inner, "records": [_of("Account", Name="A"), _of("Account")]}
    requests = [
        _node("POST", "composite/sobjects", "accounts", collection),
        _node("POST", "sobjects/Contact", "contact", {"LastName": "x"}),
    ]
    answer = raw("POST", "composite", {"allOrNone": outer, "compositeRequest": requests})
    assert answer.status_code == 200
    assert len(store.ids("Account")) + len(store.ids("Contact")) == left


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "sobjects", 400),
        ("GET", "limits", 400),
        ("POST", "composite/batch", 400),
        ("GET", "sobjects/Nope", 404),
        ("PUT", "sobjects/Lead", 405),
        ("GET", "sobjects/Lead/describe", 200),
    ],
)
def test_what_can_be_a_sub_request(raw: Raw, method: str, path: str, status: int) -> None:
    answer = raw("POST", "composite", {"compositeRequest": [_node(method, path, "r")]})
    (result,) = answer.json()["compositeResponse"]
    assert (answer.status_code, result["httpStatusCode"]) == (200, status)


# composite/batch


def test_a_batch_runs_independent_requests_each_an_api_call(raw: Raw, store: SalesforceStore, lead: str) -> None:
    used = store.usage.used
    requests = [
        {"method": "PATCH", "url": f"v62.0/sobjects/lead/{lead}", "richInput": {"Title": "部長"}},
        {"method": "Get", "url": f"v62.0/sobjects/Lead/{lead}?fields=Title"},
        {"method": "GET", "url": f"{_ROOT}/query/?q=SELECT+Nope+FROM+Lead"},
        {"method": "GET", "url": "v61.0/limits"},
    ]
    answer = raw("POST", "composite/batch", {"batchRequests": requests})
    body = answer.json()
    assert (answer.status_code, body["hasErrors"]) == (200, True)
    assert [result["statusCode"] for result in body["results"]] == [204, 200, 400, 200]
    assert body["results"][0] == {"statusCode": 204, "result": None}
    assert body["results"][1]["result"]["Title"] == "部長"
    assert body["results"][2]["result"][0]["errorCode"] == "INVALID_FIELD"
    assert store.usage.used == used + 4


def test_a_batch_can_stop_at_the_first_error(raw: Raw, store: SalesforceStore) -> None:
    requests = [
        {"method": "POST", "url": "v62.0/sobjects/Lead", "richInput": _LEAD},
        {"method": "POST", "url": "v62.0/sobjects/Lead", "richInput": {}},
        {"method": "POST", "url": "v62.0/sobjects/Lead", "richInput": _LEAD},
    ]
    body = raw("POST", "composite/batch", {"haltOnError": True, "batchRequests": requests}).json()
    assert [result["statusCode"] for result in body["results"]] == [201, 400, 412]
    assert body["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert len(store.ids("Lead")) == 1


@pytest.mark.parametrize(
    "requests",
    [
        [{"method": "GET", "url": "v62.0/limits"}] * 26,
        [{"method": "GET", "url": "v62.0/composite"}],
        [{"method": "GET", "url": "v63.0/limits"}],
        [{"method": "COPY", "url": "v62.0/limits"}],
        [{"method": "POST", "url": "v62.0/sobjects/Lead", "richInput": _LEAD}, {"method": "GET", "url": "nowhere"}],
        [],
        None,
    ],
    ids=["26", "composite", "later version", "method", "url", "none", "missing"],
)
def test_malformed_batches_do_nothing(raw: Raw, store: SalesforceStore, requests: Any) -> None:
    assert raw("POST", "composite/batch", {"batchRequests": requests}).status_code == 400
    assert store.ids("Lead") == []


# composite/graph


def _graph(name: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": list(nodes)}


def test_each_graph_is_carried_out_as_a_whole_or_not_at_all(raw: Raw, store: SalesforceStore) -> None:
    good = _graph(
        "good",
        _node("POST", "sobjects/Contact/", "person", {"LastName": "x", "AccountId": "@{company.id}"}),
        _node("POST", "sobjects/Account/", "company", {"Name": "A"}),
        _node("GET", "sobjects/Account/@{company.id}?fields=Name", "read"),
    )
    bad = _graph(
        "bad",
        _node("POST", "sobjects/Account", "company", {"Name": "B"}),
        _node("POST", "sobjects/Contact", "person", {"AccountId": "@{company.id}"}),
        _node("POST", "sobjects/Account", "other", {"Name": "C"}),
    )
    answer = raw("POST", "composite/graph", {"graphs": [good, bad]})
    first, second = answer.json()["graphs"]
    results = first["graphResponse"]["compositeResponse"]
    assert (first["graphId"], first["isSuccessful"], second["isSuccessful"]) == ("good", True, False)
    assert [(result["referenceId"], result["httpStatusCode"]) for result in results] == [
        ("person", 201),
        ("company", 201),
        ("read", 200),
    ]
    assert results[1]["httpHeaders"] == {"Location": f"{_ROOT}/sobjects/Account/{results[1]['body']['id']}"}
    refused = [result["body"][0]["errorCode"] for result in second["graphResponse"]["compositeResponse"]]
    assert refused == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert [store.read("Account", account)["Name"] for account in store.ids("Account")] == ["A"]


def test_after_fourteen_failures_the_other_graphs_are_halted(raw: Raw, store: SalesforceStore) -> None:
    graphs = [_graph(f"g{n}", _node("POST", "sobjects/Account", "a", {})) for n in range(15)]
    graphs.append(_graph("last", _node("POST", "sobjects/Account", "a", {"Name": "A"})))
    *_, last = raw("POST", "composite/graph", {"graphs": graphs}).json()["graphs"]
    (result,) = last["graphResponse"]["compositeResponse"]
    assert (last["isSuccessful"], result["body"][0]["errorCode"]) == (False, "PROCESSING_HALTED")
    assert store.ids("Account") == []


_ACCOUNT = _node("POST", "sobjects/Account", "a", {"Name": "A"})
_CHAIN = [
    _ACCOUNT,
    *(_node("POST", "sobjects/Account", f"a{n}", {"Name": f"@{{a{n - 1 or ''}.id}}"}) for n in range(1, 16)),
]


@pytest.mark.parametrize(
    "graphs",
    [
        [_graph(f"g{n}", _ACCOUNT) for n in range(76)],
        [_graph("g", *({**_ACCOUNT, "referenceId": f"a{n}"} for n in range(501)))],
        [_graph("g", *_CHAIN)],
        [
            _graph(
                "g",
                *(
                    {**_ACCOUNT, "url": f"/services/data/v{n}.0/sobjects/Account", "referenceId": f"a{n}"}
                    for n in range(46, 62)
                ),
            )
        ],
        [_graph("g", _ACCOUNT), _graph("g", _ACCOUNT)],
        [_graph("-", _ACCOUNT)],
        [_graph("g", _node("GET", "query?q=SELECT+Id+FROM+Lead", "a"))],
        [_graph("g", _node("PUT", "sobjects/Account", "a"))],
        [],
    ],
    ids=["76 graphs", "501 nodes", "depth", "kinds", "same id", "bad id", "query", "method", "none"],
)
def test_malformed_graphs_do_nothing(raw: Raw, store: SalesforceStore, graphs: list[Any]) -> None:
    answer = raw("POST", "composite/graph", {"graphs": graphs})
    assert (answer.status_code, store.ids("Account")) == (400, [])


def test_what_the_client_has_already_is_no_failure(raw: Raw, lead: str) -> None:
    known = {"If-Modified-Since": "Tue, 24 Nov 2026 12:00:00 GMT"}
    requests = [
        _node("GET", f"sobjects/Lead/{lead}", "known", None, **known),
        _node("POST", "sobjects/Lead", "new", _LEAD),
    ]
    answers = raw("POST", "composite", {"allOrNone": True, "compositeRequest": requests}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [304, 201]


def test_headers_of_a_sub_request_are_its_own(raw: Raw, store: SalesforceStore) -> None:
    store.add_duplicate_rule("Lead", ["LastName"])
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    collection = {"records": [_of("Lead", **_LEAD)]}
    requests = [
        _node("POST", "sobjects/Lead", "first", _LEAD),
        _node("POST", "sobjects/Lead", "refused", _LEAD),
        _node("POST", "sobjects/Lead", "allowed", _LEAD, **allowed),
        _node("POST", "composite/sobjects", "refused_too", collection),
        _node("POST", "composite/sobjects", "allowed_too", collection, **allowed),
        _node("GET", "query?q=SELECT+Id+FROM+Lead", "query", None, **{"Sforce-Query-Options": "batchSize=200"}),
    ]
    answers = raw("POST", "composite", {"compositeRequest": requests}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 400, 201, 200, 200, 200]
    assert [answers[place]["body"][0]["success"] for place in (3, 4)] == [False, True]
    assert len(store.ids("Lead")) == 3
