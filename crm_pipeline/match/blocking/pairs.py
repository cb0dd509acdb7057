"""Pairs."""
from crm_pipeline.config import Settings
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def pairs(connection: Connection, kind: Kind, settings: Settings) -> None:
    """Make the temporary table `pair` (l, r, rules) of all pairs with a record in `touched`; l < r are ids."""
    raise NotImplementedError
