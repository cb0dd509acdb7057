"""Relations between records as the mapping names them: what is no field of a record and still can be read and written.

Belongs here: the names. `associations.companies`: HubSpot's association of the record with a company (the primary one
where there is one). `OpportunityContactRoles.ContactId`: the people of a Salesforce opportunity. Not here: look-up
fields, which are fields like any other; which kind of record a relation leads to (field.py, `refers_to`).
"""

from __future__ import annotations

_ASSOCIATIONS = "associations."
#: Salesforce relations that are records of their own: name in the mapping -> object that it leads to.
_BETWEEN = {"OpportunityContactRoles.ContactId": "Contact"}


#: Salesforce look-ups that lead to records of several kinds: one reference for each kind may be mapped to them.
_SEVERAL_KINDS = frozenset({"WhatId"})
#: HubSpot objects that have a main company among those they are associated with.
_WITH_MAIN_COMPANY = frozenset({"contacts", "deals", "tickets"})


def is_relation(name: str) -> bool:
    """Whether a name of the mapping (or of an operation) is a relation, no field."""
    return name.startswith(_ASSOCIATIONS) or name in _BETWEEN


def look_up_of(relation: str) -> str:
    """The Salesforce field behind a step of a path: `Account` -> `AccountId`, `Region__r` -> `Region__c`."""
    return f"{relation.removesuffix('__r')}__c" if relation.endswith("__r") else f"{relation}Id"


def leads_to(name: str) -> str:
    """The CRM object at the other end of a relation."""
    return name.removeprefix(_ASSOCIATIONS) if name.startswith(_ASSOCIATIONS) else _BETWEEN[name]


def has_main(object_: str, name: str) -> bool:
    """Whether one of the records that a relation leads to is the main one: then only that one is its value."""
    return object_ in _WITH_MAIN_COMPANY and name == f"{_ASSOCIATIONS}companies"


def shared(name: str) -> bool:
    """Whether a look-up field leads to records of several kinds, so that several references may share it."""
    return name in _SEVERAL_KINDS
