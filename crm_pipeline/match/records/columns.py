"""The columns of Subjects: the SQL of each over a row of match.person or match.company.

Belongs here: which values are compared and under what name. Not here: reading them (load.py), comparing them.
A value's first letter is its rank where one is given: the smallest value that two records share is the best one.
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.model import Kind

_PLACE = {
    "source": "source",
    "prefecture": "prefecture",
    "city": "city",
    "town": "town",
    "city_town": "city || town",
    "number": "number",
    "postal_code": "postal_code",
}

#: Column -> expression, null where there is no value.
VALUES: Mapping[Kind, Mapping[str, str]] = {
    Kind.PERSON: {
        **_PLACE,
        "family_key": "family_key",
        "given_key": "given_key",
        "family_weak": "family_weak",
        "full_key": "full_key",
        "family_script": "family_script",
        "given_script": "given_script",
        "family_readings": "nullif(array_to_string(family_readings, '|'), '')",
        "given_readings": "nullif(array_to_string(given_readings, '|'), '')",
        "company_key": "company_key",
        "employer": "employer",
        "birth_date": "birth_date::varchar",
    },
    Kind.COMPANY: {
        **_PLACE,
        "name_key": "name_key",
        "corporate_number": "corporate_number",
        "legal_form": "legal_form",
        "legal_form_position": "legal_form_position",
    },
}

_PHONES = {
    "phone": "list_transform(phones, lambda t: case when t.shared then 'd' when t.not_valid then 'c' "
    "when t.mobile then 'a' else 'b' end || t.e164)",
    "extended": "list_transform(list_filter(phones, lambda t: t.extension is not null), lambda t: t.e164)",
    "extension": "list_transform(list_filter(phones, lambda t: t.extension is not null), "
    "lambda t: t.e164 || '|' || t.extension)",
    "area": "list_transform(list_filter(phones, lambda t: not t.mobile and t.prefecture is not null), "
    "lambda t: t.prefecture)",
}

#: Column -> expression of a list of texts; nulls in it count for nothing.
SETS: Mapping[Kind, Mapping[str, str]] = {
    Kind.PERSON: {
        **_PHONES,
        "e_mail": "list_transform(e_mails, lambda m: if(m.shared, 'b', 'a') || m.identity)",
        # Role names, and the few letters that many people begin their address with, say nothing.
        "local": "list_transform(list_filter(e_mails, lambda m: not m.shared and length(m.local) >= 5), "
        "lambda m: m.local)",
        "mail_domain": "list_transform(e_mails, lambda m: m.domain)",
        "employer_domain": "employer_domains",
        "domain": "list_concat(list_transform(e_mails, lambda m: m.domain), employer_domains)",
        "given_letters": "list_transform(list_prepend(given_key, given_readings), lambda g: g[1:1])",
        # A mailbox supports a given name only for a record that has none: else it echoes its own record's name.
        "mailbox_words": "if(given_key is null, flatten(list_transform(list_filter(e_mails, lambda m: not m.shared), "
        "lambda m: list_filter(regexp_split_to_array(m.local, '[^a-z]+'), lambda w: length(w) >= 3))), [])",
        "given_words": "if(given_key is null, [], "
        "list_filter(list_prepend(given_key, given_readings), lambda g: length(g) >= 3))",
    },
    Kind.COMPANY: {
        **_PHONES,
        "site": "list_transform(sites, lambda s: if(s.shared, 'b', 'a') || s.domain)",
        "own_site": "list_transform(list_filter(sites, lambda s: s.own), lambda s: if(s.shared, 'b', 'a') || s.domain)",
        # shibata-insatsu.co.jp -> shibatainsatsu: how a company spells its name in its domain.
        "label": "list_transform(list_filter(sites, lambda s: s.own), "
        "lambda s: replace(split_part(s.domain, '.', 1), '-', ''))",
    },
}

FLAGS: Mapping[Kind, Mapping[str, str]] = {
    Kind.PERSON: {"initial": "initial", "sample": "placeholder"},
    Kind.COMPANY: {},
}

#: Columns that are compared with each other have one numbering.
TOGETHER: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.PERSON: (
        ("prefecture", "area"),
        ("mail_domain", "employer_domain", "domain"),
        ("mailbox_words", "given_words"),
    ),
    Kind.COMPANY: (("prefecture", "area"), ("site", "own_site"), ("name_key", "label")),
}

#: Columns whose texts nobody needs: they are equal or not.
TEXTLESS = frozenset({"full_key", "family_weak", "employer", "extended", "extension", "mailbox_words", "given_words"})
