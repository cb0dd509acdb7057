"""A field of the mapping: which CRM fields are one value, how it is compared, and by which rule it is decided.

Belongs here: the models behind one entry of `fields` or `identity` in mapping.yaml. Not here: what holds for a whole
kind of record (kind.py).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from crm_pipeline.config.contradiction import contradiction
from crm_pipeline.config.relation import is_relation
from crm_pipeline.config.strict import Strict
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, Kind, Rule, System


class FieldType(StrEnum):
    """How values are compared (canonical.py) and written (spec objects-and-fields.md, Values)."""

    TEXT = "text"
    E_MAIL = "e_mail"
    PHONE = "phone"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    MULTI_PICKLIST = "multi_picklist"
    USER = "user"
    REFERENCE = "reference"


Role = Literal[
    "family_name",
    "given_name",
    "e_mail",
    "phone",
    "company",
    "postal_code",
    "prefecture",
    "city",
    "street",
    "country",
    "birth_date",
    "job_title",
    "website",
    "corporate_number",
]


#: What a part's line is called in YAML for HubSpot's one object; Salesforce's objects go by their own names, and so do
#: HubSpot's activities, of which there are several.
HUBSPOT = "hubspot"
_ACTIVITIES = frozenset(
    object_ for (system, object_), kind in OTHER_OBJECTS.items() if (system, kind) == (System.HUBSPOT, Kind.ACTIVITY)
)
_SALESFORCE = frozenset(object_ for system, object_ in (*OBJECTS, *OTHER_OBJECTS) if system is System.SALESFORCE)
LINES = {HUBSPOT} | _ACTIVITIES | _SALESFORCE


#: CRM fields by which somebody asks not to be contacted. HubSpot's cannot be written by a property update.
CONSENT = frozenset({"hs_email_optout", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall"})


def line_for(object_: str) -> str:
    return object_ if object_ in LINES else HUBSPOT


#: A CRM field, or a path over relations.
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]


class Label(Strict):
    en: str
    ja: str


class Part(Strict):
    """One CRM field an object. `names`: `hubspot` or a Salesforce object -> field name or relation path."""

    name: str
    names: dict[str, FieldName]
    role: Role | None = None


class ValueMap(Strict):
    """HubSpot value -> Salesforce value. `preferred`: the way back (Salesforce value -> HubSpot value) where several of
    HubSpot's meet in one, and where a Salesforce value has none of its own in HubSpot."""

    to_salesforce: dict[str, str]
    preferred: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _way_back_is_clear(self) -> ValueMap:
        back: dict[str, list[str]] = {}
        for hubspot, salesforce in self.to_salesforce.items():
            back.setdefault(salesforce, []).append(hubspot)
        for salesforce, sources in back.items():
            if len(sources) > 1 and self.preferred.get(salesforce) not in sources:
                raise ValueError(
                    f"the Salesforce value '{salesforce}' has several HubSpot values; "
                    f"name one of {sources} under preferred"
                )
        for salesforce, hubspot in self.preferred.items():
            if salesforce not in back and hubspot not in self.to_salesforce:
                raise ValueError(
                    f"preferred leads from '{salesforce}' to '{hubspot}', which is not under to_salesforce; add a line "
                    "there"
                )
            if hubspot not in back.get(salesforce, [hubspot]):
                raise ValueError(
                    f"preferred leads from '{salesforce}' to '{hubspot}', which does not lead back; name one of "
                    f"{back[salesforce]}"
                )
        return self

    def to_hubspot(self) -> dict[str, str]:
        return {s: h for h, s in self.to_salesforce.items()} | self.preferred

    def merged(self) -> dict[str, str]:
        """Salesforce value -> the one that it cannot be told from in HubSpot, where it is another: they compare equal,
        or the sync would never come to rest."""
        own = set(self.to_salesforce.values())
        return {s: self.to_salesforce[h] for s, h in self.preferred.items() if s not in own}


class FieldMapping(Strict):
    """One mapped field, or a group of parts that is one value (spec sync-rules.md, Words).

    `refers_to`: the kind of record that a reference leads to; `many`: it leads to any number of them, each of which is
    decided by itself.
    """

    name: str
    label: Label = Field(exclude=True)
    type: FieldType = FieldType.TEXT
    rule: Rule = Rule.PREFER_SALESFORCE
    parts: tuple[Part, ...]
    values: ValueMap | None = None
    write_to: Literal["all", "primary"] = "all"
    edit_vs_clear: Literal["edit_wins", "latest", "clear_wins"] | None = None
    tie_breaker: System | None = None
    tight: tuple[str | bool, ...] = ()
    default_on_create: dict[str, str] = Field(default_factory=dict)
    refers_to: Kind | None = None
    many: bool = False

    @model_serializer(mode="wrap")
    def _dumped(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What says nothing is left out: hashes of fields that are no references stay what they were."""
        data: dict[str, Any] = handler(self)
        return {k: v for k, v in data.items() if not (k in ("refers_to", "many") and not v)}

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        """A field without `parts` is a group of one: its object lines and its role move into that part."""
        if not isinstance(data, dict):
            return data
        data = _with_its_own_rule(data)

        def part(name: str, source: dict[str, Any]) -> dict[str, Any]:
            names = {k: source.pop(k) for k in list(source) if k in LINES}
            return {"name": name, "names": names, **({"role": source.pop("role")} if "role" in source else {})}

        if "parts" not in data:
            data["parts"] = (part(data.get("name", ""), data),)
        elif isinstance(data["parts"], dict):
            parts = []
            for name, source in data["parts"].items():
                rest = dict(source) if isinstance(source, dict) else {"names": source}
                parts.append({**part(name, rest), **rest})
            data["parts"] = tuple(parts)
        return data

    @model_validator(mode="after")
    def _complete(self) -> FieldMapping:
        if self.rule is Rule.RATCHET and not self.tight:
            raise ValueError("the rule ratchet needs tight: the values that may only be set, such as [true]")
        if self.rule is not Rule.RATCHET and self.tight:
            raise ValueError("tight belongs to the rule ratchet only")
        self._check_reference()
        objects = [frozenset(p.names) for p in self.parts]
        if len(set(objects)) > 1:
            raise ValueError(
                "every part of a group needs a field in the same objects, or a group could be written in half"
            )
        if not objects or not objects[0] & _SALESFORCE or not objects[0] - _SALESFORCE:
            raise ValueError("a field needs a HubSpot property and a field in at least one Salesforce object")
        if wrong := contradiction(self, frozenset(LINES - _SALESFORCE)):
            raise ValueError(wrong)
        return self

    def _check_reference(self) -> None:
        relations = [is_relation(name) for part in self.parts for name in part.names.values()]
        if (self.type is FieldType.REFERENCE) != (self.refers_to is not None):
            raise ValueError("type: reference and refers_to go together: refers_to names the kind of the other record")
        if self.type is not FieldType.REFERENCE and any(relations):
            raise ValueError("a relation to another record needs type: reference and refers_to")
        if self.type is FieldType.REFERENCE and len(self.parts) > 1:
            raise ValueError("a reference to another record is a field by itself, never part of a group")
        if self.many and not all(relations):
            raise ValueError(
                "many needs a relation on both sides, such as associations.contacts and "
                "OpportunityContactRoles.ContactId: a look-up field holds one record"
            )

    def has(self, object_: str) -> bool:
        """Whether the field is mapped for this CRM object; a field that is not takes no part."""
        return line_for(object_) in self.parts[0].names

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """By line (`line_for`); made once, as planning asks for it of every field of every record."""
        return {line: tuple(part.names[line] for part in self.parts) for line in self.parts[0].names}

    def names(self, object_: str) -> tuple[str, ...]:
        """The CRM's field names of the parts, in order."""
        return self._names[line_for(object_)]

    def read_only(self, object_: str) -> bool:
        """A path over a relation is read, never written; a relation itself is."""
        return any("." in name and not is_relation(name) for name in self.names(object_))

    def is_relation(self, object_: str) -> bool:
        """Whether the field stands beside the record in that CRM, as an association does: no field of its own."""
        return any(is_relation(name) for name in self.names(object_))


def _with_its_own_rule(data: dict[str, Any]) -> dict[str, Any]:
    """The rule of a field that names none, where it is not everybody's: consent only ever tightens by itself, and of an
    owner the latest choice counts (spec sync-rules.md, The rules)."""
    if "rule" in data:
        return dict(data)
    if any(name in CONSENT for key, name in data.items() if key in LINES):
        return {"type": FieldType.BOOLEAN, "tight": (True,), **data, "rule": Rule.RATCHET}
    return {**data, "rule": Rule.TWO_WAY} if data.get("type") == FieldType.USER else dict(data)


class IdentityField(Strict):
    """A CRM field that is read for matching only. `names` as in Part."""

    role: Role
    names: dict[str, str]

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, data: Any) -> Any:
        if isinstance(data, dict) and "names" not in data:
            return {"role": data.get("role"), "names": {k: v for k, v in data.items() if k != "role"}}
        return data
