"""Equal cleaning: the records of a synthetic organisation as our normalisation has them, for other tools.

Belongs here: keys by our public functions, contacts that many share left out (facts: both tools gain most by that).
Not here: the tools. Works on distinct values; a file of a later run is made anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pandas as pd

from crm_pipeline.normalise.address import normalise_address
from crm_pipeline.normalise.company import normalise_company
from crm_pipeline.normalise.date import normalise_date
from crm_pipeline.normalise.e_mail import normalise_e_mail
from crm_pipeline.normalise.name import normalise_name, normalise_name_parts
from crm_pipeline.normalise.phone import normalise_phone

#: A contact or house of more family names than this is nobody's own.
MOST_FAMILY_NAMES = 3
_NO_NAME = {"placeholder", "junk"}
_NOBODYS = {"role", "junk", "disposable"}


def normalised(rows: pd.DataFrame, source: Iterable[str]) -> pd.DataFrame:
    """One row a record: unique_id, family, given, readings and contacts; null (None) where there is nothing."""
    columns = {name: rows[name].tolist() for name in rows.columns}
    name, address = cache(_name), cache(_address)
    phone, e_mail, company = cache(_phone), cache(_e_mail), cache(_company)
    birth = cache(lambda raw: normalise_date(raw).as_json()["date"] if raw else None)
    made = pd.DataFrame(
        [
            name(last, first, kana)
            for last, first, kana in zip(columns["last_name"], columns["first_name"], columns["kana"], strict=True)
        ]
    )
    made.insert(0, "unique_id", [f"{a}/{b}" for a, b in zip(source, columns["id"], strict=True)])
    made = made.assign(**_columns(e_mail, columns["email"]), **_columns(company, columns["company"]))
    made["phones"] = [
        sorted({one for one in (phone(first), phone(second)) if one})
        for first, second in zip(columns["phone"], columns["mobile"], strict=True)
    ]
    places = pd.DataFrame([address(*pair) for pair in zip(columns["postal_code"], columns["address"], strict=True)])
    made = pd.concat([made, places], axis=1)
    made["birth_date"] = [birth(raw) for raw in columns["birth_date"]]
    return _without_shared(made)


def _columns(of: Callable[[str], dict[str, Any]], raws: list[str]) -> dict[str, list[Any]]:
    found = [of(raw) for raw in raws]
    return {name: [one[name] for one in found] for name in found[0]}


def _name(last: str, first: str, kana: str) -> dict[str, Any]:
    found = normalise_name_parts(last or None, first or None)
    nobody = bool(_NO_NAME & set(found.flags))
    readings = (normalise_name(kana).readings if kana else ()) or found.readings
    given = None if "initial" in found.flags else found.given_key
    return {
        "family": None if nobody else found.family_key,
        "given": None if nobody else given,
        "readings": [] if nobody or not given else [one for one in readings if not one.startswith(" ")],
        "family_readings": [] if nobody else sorted({one.split(" ")[0] for one in readings} - {""}),
        "given_readings": [] if nobody or not given else sorted({one.partition(" ")[2] for one in readings} - {""}),
    }


def _phone(raw: str) -> str | None:
    found = normalise_phone(raw).as_json() if raw else {}
    return str(found["e164"]) if found.get("status") in ("valid", "possible") else None


def _e_mail(raw: str) -> dict[str, Any]:
    found = normalise_e_mail(raw).as_json() if raw else {}
    flags: Any = found.get("flags") or ()
    own_domain = found.get("domain") if not {"free", "junk", "disposable"} & set(flags) else None
    return {"email": None if _NOBODYS & set(flags) else found.get("identity"), "domain": own_domain}


def _company(raw: str) -> dict[str, Any]:
    return {"company": normalise_company(raw).as_json()["key"] if raw else None}


def _address(postal_code: str, raw: str) -> dict[str, Any]:
    found = normalise_address(raw or None, postal_code=postal_code or None).as_json() if raw or postal_code else {}
    parts = [str(found[part]) for part in ("city", "town", "number") if found.get(part)]
    return {
        "prefecture": found.get("prefecture"),
        "city": found.get("city"),
        "postal_code": found.get("postal_code"),
        "house": " ".join(parts) if len(parts) == 3 else None,
    }


def _without_shared(made: pd.DataFrame) -> pd.DataFrame:
    """Mailboxes, numbers and houses of more than MOST_FAMILY_NAMES family names are left out."""
    families: defaultdict[str, set[str]] = defaultdict(set)
    for values, family in zip(
        zip(made["email"], made["house"], made["phones"], strict=True), made["family"], strict=True
    ):
        mail, house, phones = values
        for value in (mail, house, *phones):
            if isinstance(value, str) and isinstance(family, str):
                families[value].add(family)
    shared = {
        value for value, count in Counter({v: len(f) for v, f in families.items()}).items() if count > MOST_FAMILY_NAMES
    }
    for name in ("email", "house"):
        made[name] = [None if value in shared else value for value in made[name]]
    made["phones"] = [[one for one in ones if one not in shared] or None for ones in made["phones"]]
    for name in ("readings", "family_readings", "given_readings"):
        made[name] = [ones or None for ones in made[name]]
    return made
