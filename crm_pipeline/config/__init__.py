"""YAML files -> validated settings and mapping.

Belongs here: the shape of the configuration, its defaults, and messages that name file and line. Not here: checks that
need a CRM's schema (plan/fit/compatibility.py) and secrets, which come from the environment only.
"""

from crm_pipeline.config.field import FieldMapping, Part
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.load import load_mapping, load_settings
from crm_pipeline.config.mapping import Mapping
from crm_pipeline.config.settings import Settings

__all__ = ["FieldMapping", "KindMapping", "Mapping", "Part", "Settings", "load_mapping", "load_settings"]
