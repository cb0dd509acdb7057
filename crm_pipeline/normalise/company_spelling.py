"""One spelling for a company's name without its legal form: & is アンド, HD ホールディングス, キヤノン キャノン.

Belongs here: from such a name, folded and lower-case, to its key. Not here: legal forms (company.py).
"""

from __future__ import annotations

import re
from functools import cache

from crm_pipeline.normalise import tables
from crm_pipeline.normalise.text import CJK, KANA

_AND = re.compile(r"\s*&\s*")
#: Between words only: not in アンドウ, アンドロイド, サンアンドレアス, nor at the beginning.
_KANA_AND = re.compile(rf"(?<=[{CJK}{KANA}a-z][{CJK}{KANA}a-z])アンド(?=[{CJK}{KANA}a-z])(?![ウゥロレリラーンナ])")
_HOLDINGS = re.compile(rf"(?<=[{CJK}{KANA}])\s*(?:hds?|holdings)$")
_LATIN_HOLDINGS = re.compile(r"\s(?:hds?)$")
_KATAKANA = re.compile("[ァ-ヺ]{3}")

#: Bank transfers know no small Kana: シヨウテン is ショウテン. Only where a large one is next to impossible.
_LARGE = re.compile("([キシチニヒミリギジビピ])(?:(ヨ)(?=ウ|ク)|(ヨ)$|(?<=リ)(ヨ)|(ユ)(?=ウ|ツ)|(?<=[シジチ])(ヤ)$)")
_HAS_SMALL = re.compile("[ァィゥェォッャュョ]")
_ALL_KANA = re.compile(rf"[{KANA}\s]+")
_SMALL = {"ヤ": "ャ", "ユ": "ュ", "ヨ": "ョ"}


def key_of(name: str, in_transfer: bool) -> str:
    """Letters and digits of the name in one spelling. `in_transfer`: its form was abbreviated as in bank transfers."""
    if name.isascii():
        return "".join(filter(str.isalnum, _AND.sub("and", _LATIN_HOLDINGS.sub("holdings", name))))
    if in_transfer and _ALL_KANA.fullmatch(name) and not _HAS_SMALL.search(name):
        name = _LARGE.sub(_small, name)
    key = "".join(filter(str.isalnum, _AND.sub("and", _HOLDINGS.sub("ホールディングス", name))))
    if not _KATAKANA.search(key):
        return key
    found, forms = _spellings()
    return _KANA_AND.sub("and", found.sub(lambda variant: forms[variant.group()], key))


def _small(found: re.Match[str]) -> str:
    return found.group()[0] + _SMALL[found.group()[1]]


@cache
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    forms = {variant: row[0] for row in tables.rows("company_spellings.tsv") for variant in row[1].split()}
    return re.compile("|".join(sorted(forms, key=len, reverse=True))), forms
