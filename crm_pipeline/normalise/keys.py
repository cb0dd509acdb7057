"""From a kind and a raw value to its keys as JSON: what the cache keeps and `crm-pipeline normalise KIND` prints."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from crm_pipeline.normalise.address import normalise_address
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.date import normalise_date
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.name import normalise_name
from crm_pipeline.normalise.phone import normalise_phone

Keys = dict[str, object]


class _Normalised(Protocol):
    def as_json(self) -> Keys: ...


_KINDS: dict[str, Callable[[str | None], _Normalised]] = {
    "name": normalise_name,
    "e-mail": normalise_e_mail,
    "company": normalise_company,
    "address": normalise_address,
    "date": normalise_date,
}


def keys(kind: str, raw: str | None, region: str = "JP") -> Keys:
    """The keys of one raw value (spec identity.md). Pure; raises KeyError for a kind that does not exist."""
    normalise = partial(normalise_phone, region=region) if kind == "phone" else _KINDS[kind]
    return normalise(raw).as_json()
