"""Associations between HubSpot records (v4), many records at a time.

Belongs here: which of HubSpot's types marks a primary company, and the paging of each record's own list. Not here:
which relations are read (extract/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm_pipeline.crm.hubspot.reading import chunks, following
from crm_pipeline.crm.hubspot.wire import Wire
from crm_pipeline.crm.parallel import mapped
from crm_pipeline.crm.protocol import Association
from crm_pipeline.errors import TransientError
from crm_pipeline.model import System

_INPUTS = 1000  # records a call (HubSpot's changelog on the limit of associations' batch read)
_NONE = "crm.associations.NO_ASSOCIATIONS_FOUND"
HUBSPOT_DEFINED = "HUBSPOT_DEFINED"  # its type ids are the same in every portal; ids of other categories are not
#: Type ids that say "this is the primary company", by direction (SDK AssociationType; facts/hubspot.md section 4).
PRIMARY = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "companies"): 5,
    ("companies", "deals"): 6,
    ("tickets", "companies"): 26,
    ("companies", "tickets"): 25,
}


def associations(wire: Wire, from_object: str, to_object: str, ids: Sequence[str]) -> Iterator[list[Association]]:
    """The associations of records, some records at a time; records without any are left out (their 207 is normal)."""
    primary = PRIMARY.get((from_object, to_object))

    def read(some: list[str]) -> list[Association]:
        return [
            Association(from_object, from_id, to_object, str(one["toObjectId"]), _is(one, primary), _label(one))
            for from_id, one in _links(wire, from_object, to_object, some)
        ]

    return mapped(read, chunks(ids, _INPUTS))


def _links(wire: Wire, from_object: str, to_object: str, ids: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Pairs of (from id, association). Each record has a cursor of its own."""
    call = wire.client.crm.associations.v4.batch_api.get_page
    inputs = [{"id": one} for one in ids]
    while inputs:
        answer = wire.ask(call, from_object, to_object, {"inputs": inputs})
        _require_complete(answer, from_object, to_object)
        inputs = []
        for result in answer["results"]:
            from_id = str(result["from"]["id"])
            yield from ((from_id, one) for one in result["to"])
            if cursor := following(result):
                inputs.append({"id": from_id, "after": cursor})


def _require_complete(answer: Mapping[str, Any], from_object: str, to_object: str) -> None:
    """A record that is not answered for has no associations only where HubSpot says so."""
    for error in answer.get("errors") or ():
        category = str(error.get("category") or "")
        if error.get("subCategory") != _NONE and category != "OBJECT_NOT_FOUND":
            raise TransientError(
                f"HubSpot did not answer for all associations of {from_object} with {to_object}; those of this call "
                "are kept as they were. Run again",
                system=System.HUBSPOT.value,
                status=207,
                code=category,
            )


def _types(association: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in association.get("associationTypes") or () if isinstance(one, Mapping)]


def _is(association: Mapping[str, Any], type_id: int | None) -> bool:
    return any(
        one.get("typeId") == type_id and one.get("category", HUBSPOT_DEFINED) == HUBSPOT_DEFINED
        for one in _types(association)
        if type_id is not None
    )


def _label(association: Mapping[str, Any]) -> str:
    """What people call the relation, `;` between several; what only says that a company is primary is none of it."""
    labels = [
        str(one["label"])
        for one in _types(association)
        if one.get("label") and not (one.get("category") == HUBSPOT_DEFINED and one.get("typeId") in PRIMARY.values())
    ]
    return ";".join(dict.fromkeys(labels))
