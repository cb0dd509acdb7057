"""Files that a command writes for one person's eyes. Not here: opening them (config/private.py)."""

from crm_pipeline.config.private import opened

__all__ = ["opened"]
