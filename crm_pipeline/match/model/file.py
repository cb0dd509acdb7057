"""A model as a file: JSON that a person can read in a `diff`, beside the warehouse.

It holds names, towns and shared mailboxes with how common they are: personal data, so it is readable by its owner only
and belongs into no repository and no log. Belongs here: reading and writing. Not here: what is in it (model.py).
"""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.match.model.model import Model
from crm_pipeline.model import Kind


def place(warehouse: Path, kind: Kind) -> Path:
    """`<folder of the warehouse>/match_model/person.json`."""
    return warehouse.parent / "match_model" / f"{kind.value}.json"


def read(path: Path) -> Model:
    """Raises ConfigError, naming the line or key, for a file that is missing, damaged, newer or foreign."""
    raise NotImplementedError


def write(model: Model, path: Path) -> None:
    """Whole or not at all. An earlier model of another version stays beside it as `person.previous.json`."""
    raise NotImplementedError
