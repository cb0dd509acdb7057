"""Bring match.person or match.company up to date, and tell which records changed.

Belongs here: what is new, changed and gone, by a hash of all that a row is made of. Not here: the columns.
"""

from __future__ import annotations

import hashlib
import json

import pandas as pd

from crm_pipeline.config.settings import Settings
from crm_pipeline.match.comparison import scripts
from crm_pipeline.match.features import both, company, person
from crm_pipeline.match.model.model import Model
from crm_pipeline.model import Kind
from crm_pipeline.normalise import kanji
from crm_pipeline.warehouse import Connection

#: Raised when the columns are made in another way: every record counts as changed then.
_VERSION = 2

#: What is new or another by its hash, and what is no longer so: few numbers to compare, and fewer keys.
#: Records keep their id. New ones are numbered on, in the order of their keys; `gone` is told before its ids are free.
_CHANGES = """
create or replace temp table fresh as
select record_key, row_hash
from normalise.{kind} p
join (from now where row_hash not in (select row_hash from match.{kind})) n on n.place = p.rowid;
create or replace temp table outdated as
select id, record_key from match.{kind} where row_hash not in (select row_hash from now);
create or replace temp table gone as from outdated where record_key not in (select record_key from fresh);
create or replace temp table changed_key as
select coalesce(m.id, (select coalesce(max(id), 0) from match.{kind})
    + row_number() over (partition by m.id is null order by n.record_key))::integer as id, n.record_key, n.row_hash
from fresh n left join outdated m using (record_key);
create or replace temp table changed as select id from changed_key;
delete from match.{kind} where id in (select id from outdated);
drop table fresh;
drop table outdated;
"""
#: Whether most records changed: then a copy of their rows is no use.
_MOST = "select (select count(*) from changed) * 2 > (select count(*) from now)"
_USED = (
    "echo",
    "now",
    "changed_key",
    "own_values",
    "shared_value",
    "telephones",
    "mailboxes",
    "employed",
    "owned",
    "name_form",
)


def refresh(connection: Connection, kind: Kind, settings: Settings, model: Model) -> None:
    """Make match.<kind> what normalise.<kind> says now.

    Leaves the temporary tables `changed` (id: new or changed) and `gone` (id, record_key: deleted from match.<kind>).
    Companies go first: their clusters tell who has one employer. A file's own columns come from the temporary table
    `extra` (record_key, column, value), if there is one.
    """
    _load_shared(connection, model)
    _load_extra(connection)
    seed = {"seed": _seed(settings, model)}
    if kind is Kind.PERSON:
        name = "family_key, given_key, company_key, birth_date::varchar"
        connection.execute(both.ECHO.format(kind="person", contacts="e_mails", name=name))
        connection.execute(person.EMPLOYERS)
        connection.execute(person.HASHES, seed)
        _find_changes(connection, kind)
        connection.execute(both.SHARED.format(kind="person", what="phone", column="phones", value="t.e164"))
        connection.execute(both.SHARED.format(kind="person", what="e_mail", column="e_mails", value="t.identity"))
        connection.execute(both.PHONES.format(kind="person"))
        connection.execute(person.E_MAILS)
        _load_forms(connection)
        connection.execute(person.ROWS, {"placeholders": settings.match.placeholder_names})
    else:
        connection.execute(both.ECHO.format(kind="company", contacts="domains", name="name_key, corporate_number"))
        connection.execute(company.SITES)
        connection.execute(company.HASHES, seed)
        _find_changes(connection, kind)
        connection.execute(both.SHARED.format(kind="company", what="phone", column="phones", value="t.e164"))
        connection.execute(both.PHONES.format(kind="company"))
        connection.execute(company.ROWS)
    for table in _USED:
        connection.execute(f"drop table if exists temp.{table}")
    connection.execute("drop view fresh_row; drop table if exists temp.fresh_rows")


def _find_changes(connection: Connection, kind: Kind) -> None:
    """Who is new, changed and gone, and the view `fresh_row` with the normalised rows of the changed ones."""
    connection.execute(_CHANGES.format(kind=kind.value))
    rows = f"normalise.{kind.value}"
    if connection.execute(_MOST).fetchall() == [(False,)]:
        connection.execute(
            f"create or replace temp table fresh_rows as from {rows} semi join changed_key using (record_key)"
        )
        rows = "fresh_rows"
    connection.execute(f"create or replace temp view fresh_row as from {rows}")


def _seed(settings: Settings, model: Model) -> str:
    """What every row depends on besides its record. Shared values belong to the model and change with a training."""
    shared = {what: sorted(values) for what, values in sorted(model.shared.items())}
    text = json.dumps([_VERSION, settings.match.placeholder_names, shared])
    return hashlib.sha256(text.encode()).hexdigest()


def _load_shared(connection: Connection, model: Model) -> None:
    """The table `shared_value` (what, value): contacts that several customers use."""
    rows = [(what, value) for what, values in sorted(model.shared.items()) for value in sorted(values)]
    frame = pd.DataFrame(rows, columns=pd.Index(["what", "value"]), dtype="str")
    _keep(connection, "shared_value", frame)


def _load_extra(connection: Connection) -> None:
    found = connection.execute("select 1 from duckdb_tables() where table_name = 'extra' and temporary").fetchone()
    nothing = '(select null::varchar as record_key, null::varchar as "column", null::varchar as value limit 0)'
    connection.execute(both.EXTRA.format(extra="temp.extra" if found else nothing))


def _load_forms(connection: Connection) -> None:
    """The table `name_form` (name, script, weak): weak is the name with easily mistaken characters joined (斎藤 is 斉藤
    there)."""
    names = [name for (name,) in connection.execute(person.NAMES).fetchall() if name is not None]
    frame = pd.DataFrame(
        {
            "name": names,
            "script": [scripts.NAMES[scripts.script(name)] for name in names],
            "weak": [kanji.weak(name) for name in names],
        },
        dtype="str",
    )
    _keep(connection, "name_form", frame)


def _keep(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    connection.register("kept", frame)
    columns = ", ".join(f"{name}::varchar as {name}" for name in frame.columns)
    connection.execute(f"create or replace temp table {table} as select {columns} from kept")
    connection.unregister("kept")
