"""POST /composite/graph: up to 500 record operations in graphs, each of which is carried out as a whole or not at all.

Source: REST API guide, "Using Composite Graphs", "Composite Graph", "Composite Graph Limits". A node may refer to any
other node of its graph: nodes run when all they refer to have run. Choices where the behaviour is not documented: the
codes and texts that refuse a malformed call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm_pipeline.emulator.salesforce.call import Answer, Call
from crm_pipeline.emulator.salesforce.composite.subrequests import (
    Request,
    RolledBackError,
    checked,
    halted,
    is_refusal,
    parsed,
    references,
    refused,
    told,
)
from crm_pipeline.emulator.salesforce.errors import ApiError

MOST_GRAPHS, MOST_NODES, MOST_DEPTH, MOST_KINDS, MOST_FAILURES = 75, 500, 15, 15, 14
_GRAPH_ID = re.compile(r"[A-Za-z0-9][\w-]{0,39}\Z", re.ASCII)
_NODE_PATH = re.compile(r"(/services/data/v\d{2}\.0/sobjects/\w+)(?:/([^/?]+))?(?:/([^/?]+))?/?(?:\?.*)?\Z", re.DOTALL)


def graph(call: Call) -> Answer:
    """POST /composite/graph"""
    graphs = _graphs(call.json_object().get("graphs"))
    answered, failures = [], 0
    for graph_id, nodes in graphs.items():
        if failures > MOST_FAILURES:
            answers, succeeded = {node["referenceId"]: halted() for node in nodes}, False
        else:
            answers, succeeded = _run(call, nodes)
        failures += not succeeded
        responses = [told(node["referenceId"], answers[node["referenceId"]]) for node in nodes]
        response = {"compositeResponse": responses}
        answered.append({"graphId": graph_id, "graphResponse": response, "isSuccessful": succeeded})
    return Answer(200, {"graphs": answered})


def _run(call: Call, nodes: Sequence[Request]) -> tuple[dict[str, Answer], bool]:
    answers: dict[str, Answer] = {}
    try:
        with call.store.transaction():
            for node in _in_order(nodes):
                answers[node["referenceId"]] = answer = _answer(call, node, answers)
                if is_refusal(answer):
                    raise RolledBackError
    except RolledBackError:
        failed = list(answers)[-1]
        return {r["referenceId"]: answers[failed] if r["referenceId"] == failed else halted() for r in nodes}, False
    return answers, True


def _answer(call: Call, node: Request, answers: Mapping[str, Answer]) -> Answer:
    try:
        return call.dispatch(parsed(call, node, answers))
    except ApiError as error:
        return refused(error)


def _graphs(given: Any) -> dict[str, Sequence[Request]]:
    if not isinstance(given, list) or not given or not all(isinstance(one, Mapping) for one in given):
        raise ApiError("JSON_PARSER_ERROR", "graphs must be a list of graphs")
    if len(given) > MOST_GRAPHS:
        raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {MOST_GRAPHS} graphs.")
    graphs: dict[str, Sequence[Request]] = {}
    for one in given:
        graph_id = one.get("graphId")
        if not isinstance(graph_id, str) or not _GRAPH_ID.match(graph_id) or graph_id in graphs:
            raise ApiError("INVALID_INPUT", f"Every graph needs an id of its own: {graph_id}")
        graphs[graph_id] = checked(one.get("compositeRequest"))
    nodes = [node for graph_nodes in graphs.values() for node in graph_nodes]
    if len(nodes) > MOST_NODES:
        raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {MOST_NODES} nodes.")
    if len({_kind(node) for node in nodes}) > MOST_KINDS:
        raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {MOST_KINDS} different nodes.")
    if any(_depth(graph_nodes) > MOST_DEPTH for graph_nodes in graphs.values()):
        raise ApiError("LIMIT_EXCEEDED", f"A graph can’t be deeper than {MOST_DEPTH} nodes.")
    return graphs


def _kind(node: Request) -> tuple[str, str]:
    """Version and object, and method: what makes nodes different. Raises ApiError for what can be no node."""
    match = _NODE_PATH.match(node["url"])
    methods = ("POST",) if match and not match.group(2) else ("GET", "PATCH", "DELETE")
    if match and match.group(3):
        methods = (*methods, "POST")
    if match is None or node["method"] not in methods:
        raise ApiError("INVALID_INPUT", f"Not supported in a composite graph: {node['method']} {node['url']}")
    return match.group(1).lower(), node["method"]


def _needs(node: Request) -> set[str]:
    return set(references([node["url"], node.get("body")]))


def _in_order(nodes: Sequence[Request]) -> list[Request]:
    """Every node after those it refers to; what refers to a circle or to nothing comes last, in its own order."""
    known = {node["referenceId"] for node in nodes}
    done: set[str] = set()
    ordered, waiting = [], list(nodes)
    while waiting:
        ready = [node for node in waiting if _needs(node) & known <= done] or waiting
        ordered += ready
        done |= {node["referenceId"] for node in ready}
        waiting = [node for node in waiting if node["referenceId"] not in done]
    return ordered


def _depth(nodes: Sequence[Request]) -> int:
    depths: dict[str, int] = {}
    for node in _in_order(nodes):
        depths[node["referenceId"]] = 1 + max((depths.get(needed, 0) for needed in _needs(node)), default=0)
    return max(depths.values())
