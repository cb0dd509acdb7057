"""The DuckDB file: connections, tables and migrations, the run register and the lock of a run.

Belongs here: how the file is opened, what tables it has. Not here: what a stage writes into them.
"""

from crm_pipeline.warehouse.connection import Connection, Warehouse

__all__ = ["Connection", "Warehouse"]
