"""What another model says otherwise, in lines that name no person.

Belongs here: comparing two models, and a model with the records of today. Not here: which links change (match-diff).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.config import Settings
from crm_pipeline.match.model.model import Model
from crm_pipeline.warehouse import Connection


def difference(old: Model | None, new: Model) -> Sequence[str]:
    """Weights, prior odds, numbers of shared values and of records that changed, one a line. No values: they are
    personal data."""
    raise NotImplementedError


def staleness(connection: Connection, model: Model, settings: Settings) -> Sequence[str]:
    """Why the model should be made anew, one sentence each; empty while it fits. For the match asset's metadata."""
    raise NotImplementedError
