"""What the last run matched with: with another model, other settings or another program, everything is matched anew.

Belongs here: match.state. Not here: which records changed (features/), which decisions did (followed.py).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.match.model.model import Model
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


@cache
def _program() -> str:
    """Of everything in this folder, as it is on the disk."""
    folder = Path(__file__).parent
    files = sorted([*folder.rglob("*.py"), *folder.rglob("*.tsv")])
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def begin(connection: Connection, kind: Kind, settings: MatchSettings, model: Model) -> bool:
    """Whether the last run matched with something else. It is this run's from now on."""
    now = (model.version, hashlib.sha256(f"{_program()} {settings.model_dump_json()}".encode()).hexdigest())
    known = connection.execute("select model_version, fingerprint from match.state where kind = ?", [kind]).fetchall()
    if known == [now]:
        return False
    if known and known[0][1] != now[1]:
        # The columns may be made in another way; a first run, or another model, has them right.
        connection.execute(f"delete from match.{kind.value}")
        connection.execute("delete from match.block_rules where kind = ?", [kind])
    connection.execute("delete from match.state where kind = ?", [kind])
    connection.execute("insert into match.state values (?, ?, ?)", [kind, *now])
    return True
