"""What the header of a column says about it.

Belongs here: headers in any spelling, looked up in tables/file_headers.tsv. Not here: what the values say (guess.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from crm_pipeline.match import tables
from crm_pipeline.match.own_columns import METHODS

#: Role of a column that is no help; role of one that says which rows are one customer.
NO_HELP, ANSWER = "-", "answer"

#: Words in front of a header that say whose it is. What a company's are follows in OTHERS.
OWNERS = (
    *("contact", "customer", "person", "client", "patient", "user", "member", "lead", "properties", "primary", "main"),
    *("personal", "home", "private", "employee", "applicant", "respondent", "voter", "student", "subject", "record"),
    *("顧客", "お客様", "会員", "担当者", "ご担当者", "申込者", "本人", "自宅", "代表者", "連絡先"),
)
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBERED = ("id", "nummer", "番号", "コード")
_ACCENT = re.compile(r"[\u0300-\u036f]")
#: An identifier of somebody or something else.
_OF_OTHERS = re.compile(r"(?:account|company|owner|parent|campaign|recordtype|createdby|modifiedby|deal|ticket)\w*id$")


@dataclass(frozen=True)
class Meaning:
    """`role`: one of the mapping's, a method of `compare`, "id", NO_HELP or ANSWER. `rank`: the smaller the surer."""

    role: str
    rank: int


def meaning(header: str) -> Meaning | None:
    """familyName, Family Name, FAMILY_NAME and 姓 are one role. None for a header that says nothing."""
    words = words_of(header)
    whole = _whole()
    for skipped in range(min(3, len(words))):
        if skipped and words[skipped - 1] not in OWNERS:
            break
        if found := whole.get("".join(words[skipped:])):
            return Meaning(found.role, found.rank + 100 * skipped)
    joined = "".join(words)
    for owner in OWNERS:
        if joined.startswith(owner) and (found := whole.get(joined[len(owner) :])):
            return Meaning(found.role, found.rank + 100)
    if numbered := whole.get(joined.rstrip("0123456789")):
        return Meaning(numbered.role, numbered.rank + 50)
    if _OF_OTHERS.search(joined):
        return Meaning(NO_HELP, 0)
    return _by_words(words, joined)


def words_of(header: str) -> list[str]:
    """`Mailing Zip/Postal Code` and `mailingZipPostalCode` -> mailing, zip, postal, code."""
    text = _plain(unicodedata.normalize("NFKC", header))
    return [word.lower() for part in _NOT_LETTERS.split(text) for word in _BOUNDARY.split(part) if word]


def _plain(text: str) -> str:
    """Prénom and Straße as prenom and strasse; kana keep their marks."""
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text.replace("ß", "ss"))))


def is_numbered(header: str) -> bool:
    """Whether it ends as the names of numbers and keys do."""
    words = words_of(header)
    return bool(words) and (
        words[-1] in ("id", "no", "nr", "number", "key", "code", "ref") or words[-1].endswith(_NUMBERED)
    )


def _by_words(words: list[str], joined: str) -> Meaning | None:
    for place, (role, known) in enumerate(_parts()):
        for word in known:
            near = word in joined if not word.isascii() else word in words or (len(word) > 7 and word in joined)
            if near or any(word == one + other for one, other in pairwise(words)):
                return Meaning(role, 1_000 + place)
    return None


@cache
def _whole() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for role, headers, *_ in tables.rows("file_headers.tsv"):
        for rank, header in enumerate(headers.split()):
            found.setdefault(header, Meaning(role, rank))
    return found


@cache
def _parts() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Roles by single words: what is no help first, and companies last, since `company phone` is a phone."""
    rows = [(row[0], tuple(row[2].split())) for row in tables.rows("file_headers.tsv") if len(row) > 2]
    return tuple(sorted(rows, key=lambda row: (row[0] == "company", row[0] in METHODS)))
