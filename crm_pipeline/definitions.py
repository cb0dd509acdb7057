"""The Dagster code location."""

from crm_pipeline.orchestration.build import build_definitions

defs = build_definitions()
