"""A warehouse filled by hand, under the default mapping of people and companies only."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import load_mapping, load_settings
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline_tests.plan.world import World

TEXT = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")


def built(folder: Path) -> tuple[World, dict[str, str]]:
    """The world, and the environment in which commands find it."""
    mapping, settings = folder / "mapping.yaml", folder / "settings.yaml"
    mapping.write_text(TEXT[: TEXT.index("\ndeal:\n") + 1], encoding="utf-8")
    settings.write_text(f"warehouse: {folder / 'crm.duckdb'}\npublished: {folder / 'copy.duckdb'}\n", encoding="utf-8")
    world = World(folder, load_settings(settings).model_copy(update={"mapping": load_mapping(mapping)}))
    return world, {"CRM_PIPELINE_MAPPING": str(mapping), "CRM_PIPELINE_SETTINGS": str(settings)}
