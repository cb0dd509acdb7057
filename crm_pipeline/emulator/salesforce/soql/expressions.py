"""Parses what conditions, SELECT and ORDER BY are made of: operands, literals, conditions.

Belongs here: the grammar inside of clauses. Not here: the clauses themselves (parser.py).
"""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal

from crm_pipeline.emulator.salesforce.soql.dates import is_range
from crm_pipeline.emulator.salesforce.soql.reader import Reader
from crm_pipeline.emulator.salesforce.soql.syntax import (
    AGGREGATES,
    Comparison,
    Condition,
    Function,
    Inclusion,
    Junction,
    Literal,
    Membership,
    Not,
    Operand,
    Query,
    SemiJoin,
)
from crm_pipeline.emulator.salesforce.soql.tokens import malformed, unescaped

DATE_FUNCTIONS = frozenset(
    "calendar_month calendar_quarter calendar_year day_in_month day_in_week day_in_year day_only fiscal_month "  # noqa: SIM905
    "fiscal_quarter fiscal_year hour_in_day week_in_month week_in_year".split()
)
FIELD_FUNCTIONS = frozenset({"tolabel", "format", "convertcurrency", "converttimezone"})
_FUNCTIONS = AGGREGATES | DATE_FUNCTIONS | FIELD_FUNCTIONS
_OPERATORS = ("=", "!=", "<>", "<", ">", "<=", ">=")
_WORDS = {"true": True, "false": False}


class ExpressionParser(Reader):
    """Operands, literals and conditions."""

    @abstractmethod
    def query(self) -> Query:
        """A whole query, for semi-joins."""

    def operand(self) -> Operand:
        """A field or a function of one."""
        token = self.peek()
        name = token.text.lower()
        if name not in _FUNCTIONS or not self.is_next("(", ahead=1):
            path = self.path()
            if self.is_next("("):
                raise self.unexpected()
            return path
        self.enter()
        self.take()
        self.take()
        argument = None if name == "count" and self.is_next(")") else self.operand()
        self.expect(")")
        self.leave()
        return Function(name, argument, token.position)

    def condition(self) -> Condition:
        """Conditions joined by AND or by OR: they cannot be mixed, nor NOT be joined, without parentheses."""
        if self.accept("not"):
            return Not(self._simple())
        conditions = [self._simple()]
        for operator in ("and", "or"):
            while self.accept(operator):
                conditions.append(self._simple())
            if len(conditions) > 1:
                return Junction("and" if operator == "and" else "or", tuple(conditions))
        return conditions[0]

    def _simple(self) -> Condition:
        if self.is_next("("):
            self.enter()
            self.take()
            condition = self.condition()
            self.expect(")")
            self.leave()
            return condition
        operand = self.operand()
        token = self.peek()
        if token.kind == "symbol" and token.text in _OPERATORS:
            self.take()
            return Comparison(operand, "!=" if token.text == "<>" else token.text, self.literal())
        if self.accept("like"):
            return Comparison(operand, "like", self.literal())
        if self.is_next("includes") or self.is_next("excludes"):
            negated = self.take().text.lower() == "excludes"
            self.expect("(")
            return Inclusion(operand, self._literals(), negated)
        negated = self.accept("not")
        self.expect("in", "(")
        if self.is_next("select"):
            self.enter()
            subquery = self.query()
            self.expect(")")
            self.leave()
            return SemiJoin(operand, subquery, negated)
        return Membership(operand, self._literals(), negated)

    def _literals(self) -> tuple[Literal, ...]:
        literals = [self.literal()]
        while self.accept(","):
            literals.append(self.literal())
        self.expect(")")
        return tuple(literals)

    def literal(self) -> Literal:
        """A value."""
        token = self.take()
        word = token.text.lower()
        match token.kind:
            case "string":
                return Literal("text", unescaped(token), token.position)
            case "number":
                return Literal("number", Decimal(token.text), token.position)
            case "date":
                return Literal("date", token.text, token.position)
            case "datetime":
                return Literal("datetime", token.text, token.position)
            case "word" if word in _WORDS:
                return Literal("boolean", _WORDS[word], token.position)
            case "word" if word == "null":
                return Literal("null", None, token.position)
            case "word" if is_range(token.text.upper()):
                return Literal("range", token.text.upper(), token.position)
        raise malformed(f"unexpected token: '{token.text}'", token.position)
