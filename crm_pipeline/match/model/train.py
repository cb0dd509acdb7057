"""From normalised records to a model: shared contacts, features, terms, weights and prior odds.

Belongs here: the order of the steps. Not here: the steps; where a model is kept (file.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_pipeline.config import Settings
from crm_pipeline.match.model.model import Model
from crm_pipeline.match.vocabulary import Comparison
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def train(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings) -> Model:
    """Make the model of one kind anew. Uses and changes match.<kind> and match.block_key: the caller matches anew
    afterwards, or works on a copy. Companies go first: match.cluster tells who has the same employer."""
    raise NotImplementedError


def current(connection: Connection, kind: Kind, comparisons: Sequence[Comparison], settings: Settings) -> Model:
    """The model beside the warehouse; the very first run makes and writes it. What the stage takes.

    Raises ConfigError for a file that is damaged, of a newer version, or of something else.
    """
    raise NotImplementedError
