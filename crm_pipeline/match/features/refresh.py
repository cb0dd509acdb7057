"""Bring match.person or match.company up to date, and tell which records changed."""

from __future__ import annotations

from crm_pipeline.config.settings import Settings
from crm_pipeline.match.model.model import Model
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def refresh(connection: Connection, kind: Kind, settings: Settings, model: Model) -> None:
    """Make match.<kind> what normalise.<kind> says now; leaves the temporary tables `changed` (id: new or changed) and
    `gone` (id, record_key: deleted from match.<kind>). Companies go first: their clusters tell who has one employer.
    """
    raise NotImplementedError
