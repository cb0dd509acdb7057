"""Recursive-descent parser: SOQL text -> syntax tree.

Belongs here: the grammar. Not here: whether objects and fields exist.
"""

from decimal import Decimal

from crm_pipeline.emulator.salesforce.soql.dates import is_range
from crm_pipeline.emulator.salesforce.soql.syntax import (
    Comparison,
    Condition,
    Count,
    Junction,
    Literal,
    Membership,
    Not,
    Order,
    Path,
    Query,
    SemiJoin,
)
from crm_pipeline.emulator.salesforce.soql.tokens import (
    SoqlError,
    Token,
    malformed,
    tokens,
    unescaped,
)

_OPERATORS = ("=", "!=", "<>", "<", ">", "<=", ">=")
_LITERAL_WORDS = {"true": ("boolean", True), "false": ("boolean", False), "null": ("null", None)}
_RESERVED = frozenset("and asc desc from in like limit not null or order select where".split())  # noqa: SIM905
_MAX_OFFSET = 2000


def parse(text: str) -> Query:
    """The syntax tree of a query. Raises SoqlError (MALFORMED_QUERY)."""
    parser = _Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._next = 0

    def query(self) -> Query:
        self._expect("select")
        selected = self._selected()
        self._expect("from")
        name = self._name()
        where = self._condition() if self._accept("where") else None
        order = self._order() if self._accept("order") else ()
        limit = self._whole_number() if self._accept("limit") else None
        offset = self._offset() if self._accept("offset") else 0
        return Query(selected, name.text, name.position, where, order, limit, offset)

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise self._unexpected()

    # SELECT

    def _selected(self) -> tuple[Path | Count, ...]:
        items = [self._item(0)]
        while self._accept(","):
            items.append(self._item(sum(isinstance(item, Count) for item in items)))
        lonely = next((i for i in items if isinstance(i, Count) and i.path is None), None)
        if lonely is not None and len(items) > 1:
            raise malformed("COUNT() must be the only element in SELECT", lonely.position)
        return tuple(items)

    def _item(self, counts: int) -> Path | Count:
        path = self._path()
        if ".".join(path.names).lower() != "count" or not self._accept("("):
            return path
        if self._accept(")"):
            return Count(None, "", path.position)
        counted = self._path()
        self._expect(")")
        alias = f"expr{counts}"
        if self._peek().kind == "word" and self._peek().text.lower() not in _RESERVED:
            alias = self._take().text
        return Count(counted, alias, path.position)

    # WHERE: AND and OR cannot be mixed, nor NOT be joined, without parentheses

    def _condition(self) -> Condition:
        if self._accept("not"):
            return Not(self._simple())
        conditions = [self._simple()]
        for operator in ("and", "or"):
            while self._accept(operator):
                conditions.append(self._simple())
            if len(conditions) > 1:
                return Junction("and" if operator == "and" else "or", tuple(conditions))
        return conditions[0]

    def _simple(self) -> Condition:
        if self._accept("("):
            condition = self._condition()
            self._expect(")")
            return condition
        path = self._path()
        token = self._peek()
        if token.text in _OPERATORS:
            operator = self._take().text
            return Comparison(path, "!=" if operator == "<>" else operator, self._literal())
        if self._accept("like"):
            return Comparison(path, "like", self._literal())
        negated = self._accept("not")
        self._expect("in")
        self._expect("(")
        if self._peek().text.lower() == "select":
            subquery = self.query()
            self._expect(")")
            return SemiJoin(path, subquery, negated)
        literals = [self._literal()]
        while self._accept(","):
            literals.append(self._literal())
        self._expect(")")
        return Membership(path, tuple(literals), negated)

    def _literal(self) -> Literal:
        token = self._take()
        match token.kind:
            case "string":
                return Literal("text", unescaped(token), token.position)
            case "number":
                return Literal("number", Decimal(token.text), token.position)
            case "date":
                return Literal("date", token.text, token.position)
            case "datetime":
                return Literal("datetime", token.text, token.position)
            case "word" if token.text.lower() in _LITERAL_WORDS:
                kind, value = _LITERAL_WORDS[token.text.lower()]
                return Literal("boolean" if kind == "boolean" else "null", value, token.position)
            case "word" if is_range(token.text.upper()):
                return Literal("range", token.text.upper(), token.position)
        raise malformed(f"unexpected token: '{token.text}'", token.position)

    # ORDER BY, LIMIT, OFFSET

    def _order(self) -> tuple[Order, ...]:
        self._expect("by")
        columns = [self._column()]
        while self._accept(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Order:
        path = self._path()
        descending = self._accept("desc")
        if not descending:
            self._accept("asc")
        nulls_last = False
        if self._accept("nulls"):
            nulls_last = self._accept("last")
            if not nulls_last:
                self._expect("first")
        return Order(path, descending, nulls_last)

    def _offset(self) -> int:
        position = self._peek().position
        offset = self._whole_number()
        if offset > _MAX_OFFSET:
            raise SoqlError(
                "NUMBER_OUTSIDE_VALID_RANGE",
                f"Maximum SOQL offset allowed is {_MAX_OFFSET}",
                position,
            )
        return offset

    def _whole_number(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit():
            raise malformed(f"unexpected token: '{token.text}'", token.position)
        return int(token.text)

    # Tokens

    def _path(self) -> Path:
        token = self._name()
        return Path(tuple(token.text.split(".")), token.position)

    def _name(self) -> Token:
        token = self._peek()
        if token.kind != "word" or ":" in token.text or token.text.lower() in _RESERVED:
            raise self._unexpected()
        return self._take()

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _accept(self, text: str) -> bool:
        token = self._peek()
        if token.kind not in ("word", "symbol") or token.text.lower() != text:
            return False
        self._take()
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected()

    def _unexpected(self) -> SoqlError:
        token = self._peek()
        return malformed(f"unexpected token: '{token.text}'", token.position)
