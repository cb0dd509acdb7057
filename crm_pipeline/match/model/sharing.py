"""Contacts that several customers use: a switchboard, info@, a domain of a group of companies.

Belongs here: the profile of normalise.*. Not here: flags on records (features/), names of role mailboxes (normalise).
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.config.settings import MatchSettings
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: (value, name): a value is shared if more names use it than the setting allows. Lists are unfolded in the select: as a
#: lateral join it takes twenty times as long.
_PHONES = """
select t.e164 as value, name from (select unnest(phones) as t, name from named)
where t.e164 is not null and t.status in ('valid', 'possible')
"""
_E_MAILS = """
select m.identity as value, name from (select unnest(e_mails) as m, name from named)
where m.identity is not null and 'junk' not in m.flags
"""
#: Domains of a company: its own, and those of the e-mail addresses of its people.
_DOMAINS = """
select unnest(domains) as value, name from named
union all
select m.domain, name from (
    select unnest(p.e_mails) as m, name from named join normalise.person p on p.company_record_key = named.record_key
)
where m.domain is not null and not list_has_any(m.flags, ['free', 'disposable', 'junk'])
"""

_USED: Mapping[Kind, Mapping[str, str]] = {
    Kind.PERSON: {"e_mail": _E_MAILS, "phone": _PHONES},
    Kind.COMPANY: {"phone": _PHONES, "domain": _DOMAINS},
}
#: A name that could not be split is no family name.
_NAME = {Kind.PERSON: "if('unsplit' in name_flags, null, family_key)", Kind.COMPANY: "name_key"}


def shared_values(connection: Connection, kind: Kind, settings: MatchSettings) -> Mapping[str, frozenset[str]]:
    """`e_mail` (identity), `phone` (E.164), `domain` -> the values that more than `shared_by_names` names use.

    person: e_mail and phone, by family names; company: phone and domain, by company names.
    """
    return {
        what: frozenset(
            value
            for (value,) in connection.execute(
                f"""
                with named as (select *, {_NAME[kind]} as name from normalise.{kind}), used as ({used})
                select value from used group by value having count(distinct name) > ?
                """,
                [settings.shared_by_names],
            ).fetchall()
        )
        for what, used in _USED[kind].items()
    }
