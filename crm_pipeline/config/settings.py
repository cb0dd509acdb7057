"""How the pipeline runs: files, limits, guards. Defaults and their explanations stand in defaults/settings.yaml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from crm_pipeline.config.alerts import AlertSettings
from crm_pipeline.config.mapping import Mapping
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import System


@cache
def _zones() -> frozenset[str]:
    """Of this machine; a walk over its files."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"'{name}' is not a time zone; write one like Asia/Tokyo")
    return name


#: The least and the largest number of each field of a schedule: minute, hour, day, month, day of the week.
_CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def _cron(text: str) -> str:
    fields = text.split()
    numbers = (re.findall(r"(?<!/)\b\d+", field) for field in fields)
    if len(fields) != 5 or not all(
        least <= int(number) <= most for (least, most), found in zip(_CRON, numbers, strict=True) for number in found
    ):
        raise ValueError(f"'{text}' is not a schedule; write five cron fields like '0 2 * * *'")
    return text


Percent = Annotated[float, Field(ge=0, le=100)]
Probability = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=0)]


class HubSpotSettings(Strict):
    portal_id: int | None
    path_version: str


class SalesforceSettings(Strict):
    organisation_id: str | None
    api_version: str
    bulk_from: Annotated[int, Field(ge=1)]


class ExtractSettings(Strict):
    overlap_minutes: Count
    max_drop_percent: Percent
    reconcile_days: Annotated[int, Field(ge=1)]
    all_fields: bool


class MatchSettings(Strict):
    auto: Probability
    recommended: Probability
    placeholder_names: bool
    candidates_per_record: Annotated[int, Field(ge=1)]
    shared_by_names: Annotated[int, Field(ge=1)]
    at_most_one: Annotated[tuple[Annotated[str, Field(pattern="^[^/]+/[^/]+$")], ...], Field(max_length=64)]

    @model_validator(mode="after")
    def _in_order(self) -> MatchSettings:
        if self.auto < self.recommended:
            raise ValueError("auto must not be below recommended: a link without a person needs the surer evidence")
        return self


class SyncSettings(Strict):
    tie_breaker: System
    edit_vs_clear: Literal["edit_wins", "latest", "clear_wins"]
    clock_skew_seconds: Annotated[float, Field(ge=0)]


class GuardSettings(Strict):
    updates_percent: Percent
    clears_percent: Percent
    clears_at_least: Count
    creates_percent: Percent
    creates_at_least: Count
    archives: Count
    restores: Count
    relinked_percent: Percent
    plan_hours: Annotated[int, Field(ge=1)]


class BudgetSettings(Strict):
    organisation_percent: Percent
    run_percent: Percent


#: As Dagster wants it.
Owner = Annotated[str, Field(pattern=r"^(team:[A-Za-z0-9_-]+|[^@\s:]+@[^@\s:]+\.[^@\s:]+)$")]


class OwnerSettings(Strict):
    hubspot: Owner
    salesforce: Owner
    pipeline: Owner


class Settings(Strict):
    """What a stage may be told. `mapping` comes from its own file; it is here so that a stage has one argument."""

    warehouse: Path
    published: Path
    reports: Path
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    phone_region: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    schedule: Annotated[str, AfterValidator(_cron)]
    hubspot: HubSpotSettings
    salesforce: SalesforceSettings
    extract: ExtractSettings
    match: MatchSettings
    sync: SyncSettings
    guards: GuardSettings
    budget: BudgetSettings
    owners: OwnerSettings
    alerts: AlertSettings
    mapping: Mapping

    @field_validator("warehouse", "published")
    @classmethod
    def _names_a_file(cls, path: Path) -> Path:
        if not path.name or path.is_dir():
            raise ValueError(f"'{path}' is no file; name one like data/crm.duckdb")
        return path

    @field_validator("published")
    @classmethod
    def _is_another_file(cls, path: Path, info: ValidationInfo) -> Path:
        warehouse = info.data.get("warehouse")
        if warehouse is not None and path.resolve() == warehouse.resolve():
            raise ValueError("published must be another file than warehouse: it is replaced by a copy after every run")
        return path

    @field_validator("reports")
    @classmethod
    def _names_a_folder(cls, path: Path) -> Path:
        if path.is_file():
            raise ValueError(f"'{path}' is a file; name a folder like data/reports")
        return path

    @property
    def deciding(self) -> str:
        """What decides about values beside the mapping: a plan is sent only under what it was made with."""
        return f"{self.sync} time_zone='{self.time_zone}' phone_region='{self.phone_region}'"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
