"""How large a synthetic organisation is, and how it falls into districts that know nothing of each other.

Belongs here: the arguments and their check, numbers of records, people and firms. Not here: who they are.
A district has 10,000 records in each CRM (the last one the rest). People only work at firms of their district and
records only refer to records of it, so that a million records are made up in pieces, by two processes that never talk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crm_pipeline.errors import ConfigError

DISTRICT = 10_000

#: Per cent of the records of a CRM; the three people's objects, then companies, are matched.
HUBSPOT_SHARES = {
    "contacts": 62,
    "companies": 12,
    "deals": 6,
    "tickets": 4,
    "calls": 4,
    "emails": 4,
    "meetings": 3,
    "notes": 3,
    "tasks": 2,
}
SALESFORCE_SHARES = {
    "Contact": 40,
    "Lead": 25,
    "Account": 12,
    "Opportunity": 6,
    "OpportunityContactRole": 5,
    "Task": 6,
    "Event": 3,
    "Case": 3,
}
LANGUAGES = ("ja", "en", "zh", "ko", "de", "fr", "es")
_USUAL_LANGUAGES = {"ja": 0.7, "en": 0.18, "zh": 0.04, "ko": 0.02, "de": 0.03, "fr": 0.02, "es": 0.01}


@dataclass(frozen=True)
class Synthetic:
    """An organisation in two CRMs, defined by its arguments alone: equal ones give equal records everywhere.

    records: number of records in each of the CRMs (owners and users not counted).
    duplicates: share of the records of people and companies that are a further record of somebody who is there already.
    overlap: share of all people and of all companies that are in both CRMs (at 1: as many as the smaller CRM has).
    languages: language -> share of the people and companies (ja, en, zh, ko, de, fr, es); shares may have any sum.
    dirt: 1 is a usual customer base, 0 has neither gaps nor odd spellings nor old news, 2 twice as much of them.
    Raises ConfigError for a value outside its range.
    """

    records: int
    seed: int = 1
    duplicates: float = 0.07
    overlap: float = 0.5
    languages: Mapping[str, float] = field(default_factory=lambda: dict(_USUAL_LANGUAGES))
    dirt: float = 1.0

    def __post_init__(self) -> None:
        if self.records < 1:
            raise ConfigError(f"a synthetic organisation needs at least 1 record in each CRM, not {self.records}")
        for name, value, most in (
            ("duplicates", self.duplicates, 0.5),
            ("overlap", self.overlap, 1.0),
            ("dirt", self.dirt, 5.0),
        ):
            if not 0 <= value <= most:
                raise ConfigError(f"{name} of a synthetic organisation must be from 0 to {most:g}, not {value}")
        if unknown := sorted(self.languages.keys() - set(LANGUAGES)):
            raise ConfigError(f"unknown language {unknown[0]}; a synthetic organisation has {', '.join(LANGUAGES)}")
        if any(share < 0 for share in self.languages.values()) or not sum(self.languages.values()) > 0:
            raise ConfigError("the languages' shares must not be negative, and one must be above 0")

    def districts(self) -> Iterator[District]:
        """All districts, in their order."""
        usual = District.of(self, 0, DISTRICT)
        full, rest = divmod(self.records, DISTRICT)
        for number in range(full + (rest > 0)):
            size = DISTRICT if number < full else rest
            yield District.of(self, number, size, number * usual.people.total, number * usual.firms.total)


@dataclass(frozen=True)
class Shared:
    """Numbers of entities: 0 to `hubspot` - 1 are in HubSpot, `total` - `salesforce` to `total` - 1 in Salesforce."""

    hubspot: int
    salesforce: int
    total: int

    @classmethod
    def of(cls, hubspot: int, salesforce: int, overlap: float) -> Shared:
        """So many in each, with the wanted share of all in both."""
        total = max(round((hubspot + salesforce) / (1 + overlap)), hubspot, salesforce)
        return cls(hubspot, salesforce, total)

    @property
    def first_in_salesforce(self) -> int:
        return self.total - self.salesforce


@dataclass(frozen=True)
class District:
    """One piece: numbers of records by object, of people and firms, and the entity numbers that went before."""

    of_organisation: Synthetic
    number: int
    hubspot: Mapping[str, int]
    salesforce: Mapping[str, int]
    people: Shared
    firms: Shared
    people_before: int
    firms_before: int

    @classmethod
    def of(
        cls, organisation: Synthetic, number: int, size: int, people_before: int = 0, firms_before: int = 0
    ) -> District:
        """District `number`, with `size` records in each CRM."""
        hubspot, salesforce = _parts(size, HUBSPOT_SHARES), _parts(size, SALESFORCE_SHARES)
        again = organisation.duplicates

        def shared(one: int, other: int) -> Shared:
            return Shared.of(one - round(one * again), other - round(other * again), organisation.overlap)

        people = shared(hubspot["contacts"], salesforce["Lead"] + salesforce["Contact"])
        firms = shared(hubspot["companies"], salesforce["Account"])
        return cls(organisation, number, hubspot, salesforce, people, firms, people_before, firms_before)


def _parts(size: int, shares: Mapping[str, int]) -> dict[str, int]:
    """`size` in parts of so many per cent; what rounding leaves goes to the largest remainders, then in order."""
    parts = {name: size * share // 100 for name, share in shares.items()}
    remainders = sorted(shares, key=lambda name: -(size * shares[name] % 100))
    for name in remainders[: size - sum(parts.values())]:
        parts[name] += 1
    return parts
