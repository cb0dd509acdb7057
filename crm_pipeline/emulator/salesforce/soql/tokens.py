"""Splits a SOQL query into tokens, and says where in the query an error is.

Belongs here: characters. Not here: the order in which tokens may come.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm_pipeline.emulator.salesforce.errors import ApiError


@dataclass(frozen=True)
class Token:
    """A token; `value` of a string is its text with escapes resolved (see parser for LIKE)."""

    kind: str  # word, string, datetime, date, number, symbol, end
    text: str
    position: int


class SoqlError(Exception):
    """A query that the platform refuses, and the place where it stumbles, when it tells one."""

    def __init__(self, code: str, message: str, position: int | None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position

    def located(self, text: str) -> ApiError:
        """The platform's form: the line, a caret below the place, row and column, the message; or that alone."""
        if self.position is None:
            return ApiError(self.code, self.message)
        before = text[: self.position]
        row = before.count("\n") + 1
        column = self.position - (before.rfind("\n") + 1)
        line = text.split("\n")[row - 1]
        return ApiError(
            self.code,
            f"\n{line}\n{' ' * column}^\nERROR at Row:{row}:Column:{column + 1}\n{self.message}",
        )


def malformed(message: str, position: int | None) -> SoqlError:
    """The query breaks the grammar."""
    return SoqlError("MALFORMED_QUERY", message, position)


_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
    | (?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
    | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?![\w-]))
    | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)
    | (?P<symbol><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query, closed by one of kind `end`."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            if text[position] == "'":
                raise malformed("unexpected token: '<EOF>'", len(text))
            word = text[position:].split(None, 1)
            raise malformed(f"unexpected token: '{word[0] if word else text[position]}'", position)
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), position)
        position = match.end()
    yield Token("end", "<EOF>", len(text))


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_HALF = re.compile(r"[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


def unescaped(token: Token) -> str:
    """The text of a string token; `\\%` and `\\_`, which mean something to LIKE, stay as they are."""

    def resolve(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape in ("%", "_"):
            return match.group()
        if escape[0] == "u" and len(escape) == 5:
            return chr(int(escape[1:], 16))
        if escape.lower() not in _ESCAPES:
            raise malformed(
                f"Invalid string literal {token.text}. Illegal character sequence '\\{escape}' in string literal",
                token.position,
            )
        return _ESCAPES[escape.lower()]

    text = _ESCAPE.sub(resolve, token.text[1:-1])
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _HALF.search(text) else text
