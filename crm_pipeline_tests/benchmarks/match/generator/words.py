"""Words of a synthetic organisation (words.toml): names, trades, towns, cities with their numbers.

Belongs here: what each table is. Not here: what is drawn of them, and Japanese family names (their counts are a
dataset's).
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_TABLES: dict[str, str] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))

#: Common Japanese given names, spelling:reading, the commoner first.
MEN = _TABLES["men"]
WOMEN = _TABLES["women"]
#: Parts of family names that the dataset lacks (a first and a last one each), spelling:kana:romaji.
RARE_FIRST = _TABLES["rare_first"]
RARE_LAST = _TABLES["rare_last"]
#: A character's rarer form in the register; family names confused in data entry.
VARIANTS = _TABLES["variants"]
CONFUSED = _TABLES["confused"]
#: Western family names (the commoner first), parts of further ones; given names with their nicknames.
WESTERN = _TABLES["western"]
WESTERN_STEMS = _TABLES["western_stems"]
WESTERN_ENDS = _TABLES["western_ends"]
WESTERN_MEN = _TABLES["western_men"]
WESTERN_WOMEN = _TABLES["western_women"]
#: Cities abroad, city:country:calling code; streets there.
ABROAD = _TABLES["abroad"]
STREETS = _TABLES["streets"]
#: Prefecture:city:area code:start of postal codes:weight (about ten thousands of people).
CITIES = _TABLES["cities"]
#: Towns of any city; buildings.
TOWNS = _TABLES["towns"]
BUILDINGS = _TABLES["buildings"]
#: Ends and beginnings of company names, with romaji.
TRADES = _TABLES["trades"]
BRANDS = _TABLES["brands"]
#: Job titles.
TITLES = _TABLES["titles"]
#: Mail providers with weights; words of mailboxes; role mailboxes.
FREE_MAIL = _TABLES["free_mail"]
FREE_MAIL_ABROAD = _TABLES["free_mail_abroad"]
MAILBOX_WORDS = _TABLES["mailbox_words"]
ROLES = _TABLES["roles"]
#: What is typed when nobody is meant.
JUNK_MAIL = _TABLES["junk_mail"]
JUNK_PHONES = _TABLES["junk_phones"]
JUNK_NAMES = _TABLES["junk_names"]
