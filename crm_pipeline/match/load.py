"""From match.person or match.company to arrays.

Belongs here: reading columns as codes. Codes never depend on the order of rows. Not here: what is in the columns.
"""

from __future__ import annotations

from crm_pipeline.match.subjects import Subjects
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def load(connection: Connection, kind: Kind, ids: str | None = None) -> Subjects:
    """The records whose `id` is in the table or view `ids`; all of them when it is None."""
    raise NotImplementedError
