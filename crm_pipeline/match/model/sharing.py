"""Contacts that several customers use: a switchboard, info@, a domain of a group of companies.

Belongs here: the profile of normalise.*. Not here: flags on records (features/), names of role mailboxes (normalise).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection


def shared_values(connection: Connection, kind: Kind, settings: MatchSettings) -> Mapping[str, frozenset[str]]:
    """`e_mail` (identity), `phone` (E.164), `domain` -> the values that more than `shared_by_names` names use.

    person: e_mail and phone, by family names; company: phone and domain, by company names.
    """
    raise NotImplementedError
