"""The people and firms themselves, as they truly are; what is typed about them into a CRM is in typing_habits.py.

Belongs here: making up consistent people and firms. Not here: spellings, gaps, CRM fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, count
from random import Random

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.vocabulary import ForeignTown, Name, Town, Trade, Weighted

#: A phone number in its groups: ("03", "3123", "4567"), or ("+1 415 555 0123",) abroad.
Phone = tuple[str, ...]


@dataclass(frozen=True)
class Address:
    """Where somebody lives or works; `block` is 丁目, 番, 号 (abroad only the first counts: the house number)."""

    town: Town | ForeignTown
    block: tuple[int, int, int]
    building: str = ""


@dataclass(frozen=True)
class Firm:
    """A company. `core` is the name without its legal form, `latin` the same in Latin letters."""

    entity: str
    core: str
    latin: str
    legal_form: str
    form_first: bool
    domain: str
    address: Address
    switchboard: Phone
    industry: str
    employees: int
    family: Name | None

    @property
    def western(self) -> bool:
        return isinstance(self.address.town, ForeignTown)


@dataclass(frozen=True)
class Person:
    """A customer. Until `changed_at` the old e-mail and title were right, from then on the new ones."""

    entity: str
    western: bool
    family: Name
    family_spelling: str
    given: Name
    given_spelling: str
    birth_date: date
    firm: Firm | None
    industry: str
    home: Address
    mobile: Phone
    line: Phone
    e_mail: str
    old_e_mail: str
    title: str
    old_title: str
    changed_at: datetime
    lead_source: str
    owner: str


#: Character variants that people really carry in their names (the first is what a keyboard offers).
NAME_VARIANTS = {
    "高": "髙",
    "崎": "﨑",
    "吉": "𠮷",
    "浜": "濵",
    "沢": "澤",
    "島": "嶋",
    "富": "冨",
    "広": "廣",
    "斎": "齋",
    "斉": "齊",
    "辺": "邉",
    "桜": "櫻",
}
_TITLES: Weighted[str] = Weighted(
    [
        ("営業部長", 6),
        ("課長", 8),
        ("主任", 6),
        ("担当", 6),
        ("代表取締役", 5),
        ("取締役", 4),
        ("総務部長", 3),
        ("購買課長", 3),
        ("マネージャー", 5),
        ("工場長", 2),
    ]
)
_WESTERN_TITLES: Weighted[str] = Weighted(
    [("Manager", 6), ("Director", 5), ("Sales Manager", 5), ("CEO", 3), ("Engineer", 4), ("Head of Purchasing", 2)]
)
_WESTERN_TRADES: Weighted[tuple[str, str]] = Weighted(
    [
        (("Consulting", "サービス業"), 4),
        (("Systems", "情報通信業"), 4),
        (("Foods", "製造業"), 3),
        (("Logistics", "運輸業"), 3),
        (("Capital", "金融業"), 3),
        (("Trading", "卸売業"), 4),
    ]
)
_FREE_MAIL: Weighted[str] = Weighted(
    [("gmail.com", 8), ("yahoo.co.jp", 5), ("icloud.com", 3), ("docomo.ne.jp", 2), ("outlook.com", 2)]
)
BUILDINGS = ("サクラビル3F", "第一ビル 5階", "ミナトタワー 1203", "コーポ青葉201", "グランドハイツ405号室")
LEAD_SOURCES: Weighted[str] = Weighted(
    [("Web", 8), ("Phone Inquiry", 4), ("Partner Referral", 3), ("Trade Show", 4), ("Other", 2)]
)
#: Share of Western firms, and of Western names in them and elsewhere: together 15 % of the people.
_WESTERN_FIRMS, _WESTERN_IN_THEM, _WESTERN_ELSEWHERE = 0.1, 0.75, 0.08


def passport(romaji: str) -> str:
    """Wapuro romaji as passports write it, without long vowels and capitalised: satou -> Sato, inoue -> Inoue."""
    return re.sub(r"oo|ou(?!e)", "o", romaji).capitalize()


def spell(random: Random, name: Name) -> str:
    """How one bearer of a Japanese name writes it: usually the commonest spelling, at times with a rarer character."""
    spelling = name.spellings[0] if random.random() < 0.55 else random.choice(name.spellings)
    if random.random() < 0.25:
        spelling = "".join(NAME_VARIANTS.get(character, character) for character in spelling)
    return spelling


def make_firm(random: Random, number: int, domains: set[str]) -> Firm:
    """A firm whose e-mail domain is not in `domains`; it is added there."""
    if random.random() < _WESTERN_FIRMS:
        return _western_firm(random, number, domains)
    town, trade, family = vocabulary.towns().draw(random), vocabulary.trades().draw(random), None
    kind = random.random()
    if kind < 0.5:
        family = vocabulary.surnames().draw(random)
        core, latin = family.spellings[0] + trade.word, [passport(family.romaji), trade.romaji]
    elif kind < 0.7:
        city = re.sub(r"[市区].*$", "", town.city)
        core, latin = city + trade.word, [re.sub(r"-(shi|ku).*$", "", town.city_en), trade.romaji]
    else:
        first, second = (random.choice(vocabulary.brand_halves(half)) for half in ("first", "second"))
        trade = Trade(trade.industry, "", "", "株式会社" if random.random() < 0.8 else "合同会社")
        core, latin = first[0] + second[0], [first[1] + second[1]]
    return Firm(
        entity=f"company-{number:06}",
        core=core,
        latin=" ".join(passport(word) if word.islower() else word for word in latin),
        legal_form=trade.legal_form,
        form_first=random.random() < 0.6,
        domain=_domain("-".join(latin), town.city_en, domains),
        address=_japanese_address(random, town),
        switchboard=_switchboard(random, town),
        industry=trade.industry,
        employees=round(10 ** random.uniform(0.5, 3.6)),
        family=family,
    )


def make_person(random: Random, number: int, firm: Firm | None, owner: str, now: datetime, e_mails: set[str]) -> Person:
    """A person with e-mail addresses that are not in `e_mails`; they are added there.

    `now` bounds the time at which the person's e-mail and title changed: some day of the three years before it.
    """
    western = random.random() < (_WESTERN_IN_THEM if firm and firm.western else _WESTERN_ELSEWHERE)
    family, given = _names(random, western, firm)
    home = _home(random, western, firm)
    e_mail = _new_e_mail(random, family, given, firm, e_mails)
    title = (_WESTERN_TITLES if western else _TITLES).draw(random)
    changes_title, changes_e_mail = random.random() < 0.2, random.random() < 0.15
    return Person(
        entity=f"person-{number:06}",
        western=western,
        family=family,
        family_spelling=family.spellings[0] if western else spell(random, family),
        given=given,
        given_spelling=given.spellings[0] if western else spell(random, given),
        birth_date=date(1945, 1, 1) + timedelta(days=int(random.triangular(0, 22_000, 12_000))),
        firm=firm,
        industry=firm.industry if firm else vocabulary.trades().draw(random).industry,
        home=home,
        mobile=_mobile(random, home.town),
        line=_line(random, firm, home.town),
        e_mail=e_mail,
        old_e_mail=_new_e_mail(random, family, given, None, e_mails) if changes_e_mail else e_mail,
        title=title,
        old_title=(_WESTERN_TITLES if western else _TITLES).draw(random) if changes_title else title,
        changed_at=now - timedelta(minutes=random.randrange(1, 3 * 365 * 24 * 60)),
        lead_source=LEAD_SOURCES.draw(random),
        owner=owner,
    )


def _western_firm(random: Random, number: int, domains: set[str]) -> Firm:
    town = vocabulary.foreign_towns().draw(random)
    family = vocabulary.western_names("family").draw(random)
    word, industry = _WESTERN_TRADES.draw(random)
    latin = f"{family.romaji} {word}"
    return Firm(
        entity=f"company-{number:06}",
        core=latin,
        latin=latin,
        legal_form=random.choice(("Inc.", "LLC") if town.country == "United States" else ("Ltd.", "Pte. Ltd.")),
        form_first=False,
        domain=_domain(latin, town.city, domains),
        address=Address(town, (random.randrange(1, 400), 0, 0)),
        switchboard=_abroad(random, town),
        industry=industry,
        employees=round(10 ** random.uniform(0.5, 3.6)),
        family=family,
    )


def _names(random: Random, western: bool, firm: Firm | None) -> tuple[Name, Name]:
    if western:
        return vocabulary.western_names("family").draw(random), vocabulary.western_names("given").draw(random)
    of_the_founders = firm and firm.family and firm.family.kana and random.random() < 0.15
    family = firm.family if firm and firm.family and of_the_founders else vocabulary.surnames().draw(random)
    given = vocabulary.given_names().draw(random)
    while family.spellings[0] == "山田" and "太郎" in given.spellings:  # he is the guide's
        given = vocabulary.given_names().draw(random)
    return family, given


def _home(random: Random, western: bool, firm: Firm | None) -> Address:
    if firm and (firm.western or random.random() < 0.5):
        return firm.address
    if western and random.random() < 0.3:
        return Address(vocabulary.foreign_towns().draw(random), (random.randrange(1, 400), 0, 0))
    return _japanese_address(random, vocabulary.towns().draw(random))


def _japanese_address(random: Random, town: Town) -> Address:
    block = (random.randrange(1, 6), random.randrange(1, 30), random.randrange(1, 25))
    return Address(town, block, random.choice(BUILDINGS) if random.random() < 0.3 else "")


def _switchboard(random: Random, town: Town) -> Phone:
    number = _landline(random, town)
    return (*number[:2], f"{random.randrange(10, 99)}00")


def _landline(random: Random, town: Town) -> Phone:
    """A number of the town's area code: Tokyo and Osaka have exchanges of four digits, others share the ten digits."""
    digits = 10 - len(town.area_code) - 4
    first = {"03": "3", "06": "6"}.get(town.area_code, "2" if digits == 3 else "3")
    exchange = first + "".join(random.choices("0123456789", k=digits - 1))
    return (town.area_code, exchange, f"{random.randrange(1000, 9999)}")


def _mobile(random: Random, town: Town | ForeignTown) -> Phone:
    if isinstance(town, ForeignTown):
        return _abroad(random, town)
    return (random.choice(("090", "080", "070")), f"{random.randrange(1100, 9899)}", f"{random.randrange(1000, 9999)}")


def _line(random: Random, firm: Firm | None, town: Town | ForeignTown) -> Phone:
    """The number on the person's card: the firm's switchboard for most, a line of their own for others."""
    if firm and random.random() < 0.45:
        return firm.switchboard
    place = firm.address.town if firm else town
    return _abroad(random, place) if isinstance(place, ForeignTown) else _landline(random, place)


def _abroad(random: Random, town: ForeignTown) -> Phone:
    return (town.phone_prefix + f"{random.randrange(10**town.phone_digits):0{town.phone_digits}}",)


def _domain(words: str, town: str, taken: set[str]) -> str:
    """A domain under .example, which nobody can own (RFC 2606)."""
    stem = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    place = re.sub(r"-.*$", "", town.lower().replace(" ", ""))
    names = chain((stem, f"{stem}-{place}"), (f"{stem}-{place}{number}" for number in count(2)))
    domain = next(f"{name}.example" for name in names if f"{name}.example" not in taken)
    taken.add(domain)
    return domain


def _new_e_mail(random: Random, family: Name, given: Name, firm: Firm | None, taken: set[str]) -> str:
    """An address at the firm, or a free one that says it is invented: `.demo0412` stands before the @."""
    last, first = (_letters(name) for name in (family, given))
    local = random.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{last}-{first[0]}", f"{last}.{first}", last))
    if firm is None:
        local, domain = f"{local}.demo{random.randrange(10_000):04}", _FREE_MAIL.draw(random)
    else:
        domain = firm.domain
    number, e_mail = 1, f"{local}@{domain}"
    while e_mail in taken:
        number += 1
        e_mail = f"{local}{number}@{domain}"
    taken.add(e_mail)
    return e_mail


def _letters(name: Name) -> str:
    """A name in the letters of an e-mail address."""
    plain = passport(name.romaji) if name.kana else name.romaji.translate(str.maketrans("éüëíóñ", "eueion"))
    return re.sub(r"[^a-z]", "", plain.lower())
