"""Keys."""
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def refresh_keys(connection: Connection, kind: Kind) -> None:
    """Bring match.block_key up to date for the temporary tables `changed` (id) and `gone` (id, record_key).

    Leaves the temporary table `touched` (id): the changed records, and the members of blocks that became too large or
    no longer are.
    """
    raise NotImplementedError
