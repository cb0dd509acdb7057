"""Owners and users: a small list that is read whole.

Belongs here: `raw.user`, written only where something differs. Not here: who owns a record, which is a field of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from crm_pipeline.config import Settings
from crm_pipeline.crm.protocol import Crm
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import staged


@dataclass(frozen=True)
class UsersResult:
    """Number of owners or users that the CRM lists, and of those of earlier runs that it lists no longer."""

    users: int
    unlisted: int = 0


def extract_users(warehouse: Warehouse, crm: Crm, settings: Settings, run_id: int) -> UsersResult:
    """Store owners or users, into `raw.user`: their e-mail addresses map the owners of one CRM to the other's.

    Somebody whom the CRM lists no longer stays, inactive: old records still name that owner.
    """
    users = crm.users()
    rows = [{"system": crm.system.value, **asdict(user)} for user in users]
    of = [crm.system.value]
    with warehouse.connect() as connection, staged(connection, "raw.user", rows):
        connection.execute(
            "update raw.user u set e_mail = s.e_mail, name = s.name, active = s.active from staged s "
            "where u.system = s.system and u.user_id = s.user_id and (u.e_mail, u.name, u.active) is distinct from "
            "(s.e_mail, s.name, s.active)"
        )
        connection.execute(
            "insert into raw.user by name select distinct on (user_id) * from staged "
            "where user_id not in (select user_id from raw.user where system = ?)",
            of,
        )
        unlisted = "system = ? and user_id not in (select user_id from staged)"
        connection.execute(f"update raw.user set active = false where active and {unlisted}", of)
        row = connection.execute(f"select count(*) from raw.user where {unlisted}", of).fetchone()
    return UsersResult(len({user.user_id for user in users}), int(row[0]) if row else 0)
