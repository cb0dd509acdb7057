"""Reads the tokens of a query one after the other, and the names and numbers among them.

Belongs here: looking at, taking and refusing tokens. Not here: the grammar (parser.py, expressions.py).
"""

from __future__ import annotations

from crm_pipeline.emulator.salesforce.soql.syntax import Path
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, Token, malformed, tokens

_RESERVED = frozenset(
    "and asc desc excludes from group having in includes like limit not null or order select using where with".split()  # noqa: SIM905
)
_NO_ALIAS = _RESERVED | frozenset("all by else end for nulls offset then typeof update when".split())  # noqa: SIM905
_MOST_RELATIONSHIPS = 5
_DEEPEST = 100


class Reader:
    """The tokens of one query; `aliases` are the names that the queries being read give to their object."""

    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0
        self._depth = 0
        self.aliases: list[dict[str, tuple[str, ...]]] = []

    def peek(self, ahead: int = 0) -> Token:
        """The next token, or one after it."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, which is then done with."""
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def is_next(self, text: str, ahead: int = 0) -> bool:
        """Whether a token is this word (lower case) or symbol."""
        token = self.peek(ahead)
        return token.kind in ("word", "symbol") and token.text.lower() == text

    def accept(self, text: str) -> bool:
        """Take the next token when it is this word or symbol."""
        if not self.is_next(text):
            return False
        self.take()
        return True

    def expect(self, *texts: str) -> None:
        """Take these words or symbols. Raises SoqlError when the next tokens are others."""
        for text in texts:
            if not self.accept(text):
                raise self.unexpected()

    def expect_end(self) -> None:
        """Raise SoqlError when there is more."""
        if self.peek().kind != "end":
            raise self.unexpected()

    def unexpected(self, token: Token | None = None) -> SoqlError:
        """The refusal of a token, the next one if none is given."""
        token = token or self.peek()
        return malformed(f"unexpected token: '{token.text}'", token.position)

    def whole_number(self) -> int:
        """The next token as a number without sign and fraction."""
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected(token)
        return int(token.text)

    def path(self) -> Path:
        """A field's path; the object's own name or alias in front of it is left out."""
        token = self.name()
        names = tuple(token.text.split("."))
        if len(names) > 1 and self.aliases:
            names = (*self.aliases[-1].get(names[0].lower(), names[:1]), *names[1:])
        if len(names) > _MOST_RELATIONSHIPS + 1:
            raise malformed(
                f"SOQL statements cannot query aggregate relationships more than {_MOST_RELATIONSHIPS} levels away "
                "from the root entity object.",
                token.position,
            )
        return Path(names, token.position)

    def name(self) -> Token:
        """A name that is no reserved word."""
        token = self.peek()
        if token.kind != "word" or ":" in token.text or token.text.lower() in _RESERVED:
            raise self.unexpected()
        return self.take()

    def alias(self) -> str | None:
        """A name given to what stands before it, if there is one."""
        token = self.peek()
        if token.kind != "word" or not token.text.isidentifier() or token.text.lower() in _NO_ALIAS:
            return None
        return self.take().text

    def enter(self) -> None:
        """Go one level deeper; nothing that a person writes has more than a few."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SoqlError("QUERY_TOO_COMPLICATED", "Query is either selecting too many fields or too deep", None)

    def leave(self) -> None:
        """Come back from one level."""
        self._depth -= 1

    def look_for_aliases(self) -> dict[str, tuple[str, ...]]:
        """The names of the object of the query that starts here, found before its SELECT list is read."""
        depth, at = 0, self._next
        while at < len(self._tokens) - 1:
            word = self._tokens[at].text.lower()
            depth += (word == "(") - (word == ")")
            if depth < 0 or (depth == 0 and word == "from"):
                break
            at += 1
        if self._tokens[at].text.lower() != "from":
            return {}
        started, self._next = self._next, at + 1
        found = self.sources()[1]
        self._next = started
        return found

    def sources(self) -> tuple[Token, dict[str, tuple[str, ...]]]:
        """What stands after FROM: an object, and what its aliases and those of its parents (`c.Account a`) mean."""
        first = token = self.take()
        if token.kind != "word" or ":" in token.text:
            raise self.unexpected(token)
        aliases: dict[str, tuple[str, ...]] = {token.text.lower(): ()}
        while True:
            head, *rest = token.text.split(".")
            if token is not first and head.lower() not in aliases:
                raise self.unexpected(token)
            alias = self.alias()
            if alias is not None:
                aliases[alias.lower()] = () if token is first else (*aliases[head.lower()], *rest)
            if not self.accept(","):
                return first, aliases
            token = self.name()
