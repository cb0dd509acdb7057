"""One API call as the routes see it: path, query and body read HubSpot's way, under the portal's lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from crm_pipeline.emulator.hubspot.associations.properties import with_derived
from crm_pipeline.emulator.hubspot.errors import invalid, invalid_json
from crm_pipeline.emulator.hubspot.object_types import ObjectType, object_type
from crm_pipeline.emulator.hubspot.records import Record
from crm_pipeline.emulator.hubspot.showing import Show, known, shower
from crm_pipeline.emulator.hubspot.store import HubSpotStore

Answer = tuple[int, Any]  # status, body (None: no body)


@dataclass(frozen=True)
class Call:
    """A call of an authenticated app; `body` is parsed JSON, None without one."""

    store: HubSpotStore
    path: Mapping[str, str]
    query: QueryParams
    body: Any

    @property
    def kind(self) -> ObjectType:
        """The object type in the path."""
        return object_type(self.path["object"])

    def flag(self, name: str) -> bool:
        """A boolean of the query, in any capitalisation (the Python client sends True)."""
        text = self.query.get(name, "false").lower()
        if text not in ("true", "false"):
            raise invalid(f"{name} must be true or false")
        return text == "true"

    def names(self, name: str) -> list[str]:
        """A list of the query: repeated, or separated by commas."""
        return [part for text in self.query.getlist(name) for part in text.split(",") if part]

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of the query, from 1 to `most`."""
        text = self.query.get(name, str(default))
        if not is_whole(text) or not 1 <= int(text) <= most:
            raise invalid(f"{name} must be a number between 1 and {most}", **{name: [text]})
        return int(text)

    def cursor(self) -> int:
        """The `after` of a list: ids above it follow."""
        text = self.query.get("after") or "0"
        if not is_whole(text):
            raise invalid("after is not a paging cursor of this endpoint", after=[text])
        return int(text)

    def json_object(self) -> Mapping[str, Any]:
        """The body, which must be a JSON object."""
        if not isinstance(self.body, Mapping):
            raise invalid_json("expected an object")
        return self.body

    def inputs(self, most: int = 100, least: int = 1) -> list[Mapping[str, Any]]:
        """The `inputs` of a batch body: `least` to `most` objects; below 100 is the limit with property histories."""
        inputs = self.json_object().get("inputs")
        if not isinstance(inputs, list) or not all(isinstance(one, Mapping) for one in inputs):
            raise invalid_json("inputs must be a list of objects")
        if len(inputs) < least:
            raise invalid("Batch input provided should have at least one object.")
        if len(inputs) > most:
            what = "a batch request for property histories" if most < 100 else "a batch"
            advice = "" if most < 100 else ". Please reduce the number of items and try again"
            raise invalid(f"The maximum number of inputs supported in {what} is {most}{advice}")
        return inputs

    def body_names(self, name: str) -> list[str]:
        """A list of names in the body."""
        names = self.json_object().get(name) or []
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise invalid_json(f"{name} must be a list of texts")
        return names

    def show(self, record: Record, properties: list[str], history: list[str] | None = None) -> dict[str, Any]:
        """A record as the answer shows it; names that do not exist are ignored."""
        return self.shower(properties, history or [])(record)

    def shower(self, properties: list[str], history: list[str]) -> Show:
        """`show` for many records: the names are looked up once."""
        kind = self.kind
        definitions = self.store.definitions[kind.name]
        names = known(properties, definitions)
        show = shower(kind, self.store.portal_id, names, known(history, definitions))
        return with_derived(show, self.store.associations, kind, names)


def is_whole(text: str) -> bool:
    """Whether a text is a whole number that HubSpot can read: digits, no more than a 64-bit number has."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def text_id(given: Any) -> str:
    """An id in a body: text, or a whole number as some clients send it."""
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise invalid_json("an id must be text")
    return str(given)
