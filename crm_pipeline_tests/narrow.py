"""Settings with less in them than the defaults, for tests that are about people and companies."""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.model import LINKED


def people_and_companies(settings: Settings) -> Settings:
    """The settings, without the objects that are linked or read only."""
    left_out = {"read": {}, **{str(kind): None for kind in LINKED}}
    return settings.model_copy(update={"mapping": settings.mapping.model_copy(update=left_out)})
