"""SOSL: finds records by words in their fields, not by conditions.

Belongs here: FIND ... IN ... RETURNING ... LIMIT, words and wildcards. Not here: HTTP (search_routes.py), what a
record's fields are.

Source: SOQL and SOSL reference, "SOSL Syntax", "FIND {SearchQuery}", "RETURNING FieldSpec". Choices where the behaviour
is not documented: a word is found at the start of a word when it ends in `*`, else as a whole word, and anywhere in a
text without spaces between its words (Japanese); records stand in the order of their objects and creation. Not there:
relevance, nicknames, WITH clauses, OR and parentheses in a search (MALFORMED_SEARCH).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.schema import SObject

MOST_RECORDS = 2000
_STATEMENT = re.compile(
    r"\s*FIND\s*(?:\{(?P<braced>(?:[^{}\\]|\\.)*)\}|'(?P<quoted>(?:[^'\\]|\\.)*)')"
    r"(?:\s+IN\s+(?P<scope>ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS)?"
    r"(?:\s+RETURNING\s+(?P<returning>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SPEC = re.compile(r"\s*(\w+)\s*(?:\(((?:[^()']|'(?:[^'\\]|\\.)*'|\([^()]*\))*)\))?\s*(?:,|\Z)")
_FIELDS = re.compile(r"(?P<fields>.+?)(?P<rest>\s+(?:WHERE|ORDER|USING)\b.*)?\Z", re.IGNORECASE | re.DOTALL)
_LIMIT = re.compile(r"\s+LIMIT\s+(\d+)\s*\Z", re.IGNORECASE)
_WORDS = re.compile(r'"([^"]*)"|(\S+)')
_UNESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WORD = re.compile(r"\w+")
_SCOPES: dict[str, Callable[[str, str], bool]] = {
    "all": lambda name, kind: kind in ("string", "email", "phone", "textarea", "picklist", "url"),
    "name": lambda name, kind: kind == "string" and name in ("Name", "FirstName", "LastName", "Company", "Subject"),
    "email": lambda name, kind: kind == "email",
    "phone": lambda name, kind: kind == "phone",
    "sidebar": lambda name, kind: name == "Name" or kind in ("email", "phone"),
}


@dataclass(frozen=True)
class Returning:
    """What to answer of one object: SOQL field list and filter as written, and how many records."""

    object_: str
    fields: str
    rest: str
    limit: int


@dataclass(frozen=True)
class Search:
    """A search; `returning` is empty when the whole organisation is searched."""

    words: str
    scope: str
    returning: Sequence[Returning]
    limit: int


def parse(text: str) -> Search:
    """A SOSL statement. Raises ApiError (MALFORMED_SEARCH)."""
    match = _STATEMENT.match(text)
    if match is None:
        raise malformed(f"No viable alternative at input '{text.strip()[:40]}'")
    words = match["braced"] if match["braced"] is not None else match["quoted"]
    limit = min(int(match["limit"] or MOST_RECORDS), MOST_RECORDS)
    return Search(words, (match["scope"] or "all").lower(), _returning(match["returning"] or ""), limit)


def malformed(message: str) -> ApiError:
    """The statement breaks the grammar."""
    return ApiError("MALFORMED_SEARCH", message)


def matcher(words: str, scope: str, sobject: SObject) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a record has all words in the fields of the scope. Raises ApiError (MALFORMED_SEARCH)."""
    names = [f.name for f in sobject.fields.values() if _SCOPES[scope](f.name, f.type)]
    terms = [phrase or word for phrase, word in _WORDS.findall(words) if (phrase or word).upper() != "AND"]
    if sum(len(term.strip("*?")) for term in terms) < 2:
        raise malformed("search term must be longer than one character")
    if any(re.search(r"(?<!\\)[()|&]", term) or term.upper() in ("OR", "NOT") for term in terms):
        raise malformed("only words and phrases are supported in a search")
    patterns = [_pattern(_UNESCAPED.sub(r"\1", term)) for term in terms]

    def matches(row: Mapping[str, Any]) -> bool:
        text = "\n".join(str(value) for name in names if (value := row.get(name)) is not None)
        return all(pattern.search(text) for pattern in patterns)

    return matches


def _returning(text: str) -> list[Returning]:
    specs, position = [], 0
    while position < len(text):
        match = _SPEC.match(text, position)
        if match is None or match.end() == position:
            raise malformed(
                f"unexpected token: '{text[position:].split(None, 1)[0] if text[position:].strip() else ''}'"
            )
        position = match.end()
        inside = match.group(2) or ""
        limit = _LIMIT.search(inside)
        inside = inside[: limit.start()] if limit else inside
        found = _FIELDS.match(inside)
        fields = found["fields"].strip() if found and found["fields"].strip() else "Id"
        most = min(int(limit.group(1)), MOST_RECORDS) if limit else MOST_RECORDS
        specs.append(Returning(match.group(1), fields, (found["rest"] or "") if found else "", most))
    return specs


def _pattern(term: str) -> re.Pattern[str]:
    if "@" in term:
        body = re.escape(term).replace(r"\*", ".*").replace(r"\?", ".")
        return re.compile(rf"(?<![\w.+-]){body}" + ("" if term.endswith("*") else r"(?![\w.-])"), re.IGNORECASE)
    body = re.escape(term).replace(r"\*", r"\w*").replace(r"\?", r"\w")
    if not term.isascii():
        return re.compile(body, re.IGNORECASE)
    return re.compile(rf"(?<![A-Za-z0-9]){body}(?![A-Za-z0-9])", re.IGNORECASE)
