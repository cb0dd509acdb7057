"""Both CRMs' fields, stages and users as they are now, of every object that a mapping may name.

Not here: the calls (crm/), what is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_pipeline.crm.protocol import Account, Crm, FieldSchema
from crm_pipeline.errors import PermanentError
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, System
from crm_pipeline.plan.fit.compatibility import Schemas
from crm_pipeline.plan.fit.stages import Stage, with_stages
from crm_pipeline.plan.fit.verdict import Owners

#: Statuses by which a CRM says that the user may not read an object.
REFUSED = (400, 403, 404)


@dataclass(frozen=True)
class Live:
    """An object that the user may not read has no schema."""

    accounts: Mapping[System, Account]
    schemas: Schemas
    owners: Owners


def live(crms: Mapping[System, Crm]) -> Live:
    """Raises CrmError when people or companies cannot be read: there is no mapping without them."""
    fields: dict[tuple[System, str], dict[str, FieldSchema]] = {}
    stages: list[Stage] = []
    for system, object_ in (*OBJECTS, *OTHER_OBJECTS):
        crm = crms[system]
        try:
            fields[system, object_] = {one.name: one for one in crm.schema(object_)}
            stages += (Stage(system, object_, one.pipeline_id, one.stage_id, one.label) for one in crm.stages(object_))
        except PermanentError as error:
            if (system, object_) in OBJECTS or error.status not in REFUSED:
                raise
            fields.pop((system, object_), None)
    accounts = {system: crm.account() for system, crm in crms.items()}
    return Live(accounts, with_stages(fields, stages), {system: owners(crm) for system, crm in crms.items()})


def owners(crm: Crm) -> dict[str, str]:
    """The active users of a CRM: id -> e-mail address in lower case."""
    return {one.user_id: one.e_mail.lower() for one in crm.users() if one.active and one.e_mail}
