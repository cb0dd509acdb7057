"""Recursive-descent parser: SOQL text -> syntax tree.

Belongs here: the clauses of a query. Not here: what they are made of (expressions.py), whether objects and fields
exist.
"""

from __future__ import annotations

from crm_pipeline.emulator.salesforce.soql.expressions import ExpressionParser
from crm_pipeline.emulator.salesforce.soql.syntax import (
    AllFields,
    Children,
    Condition,
    Function,
    Item,
    Operand,
    Order,
    Path,
    Query,
    Selected,
    TypeOf,
)
from crm_pipeline.emulator.salesforce.soql.tokens import SoqlError, malformed

_LONGEST = 100_000
_MAX_OFFSET = 2000
_MAX_UNBOUNDED = 200
_FIELD_SETS = ("all", "standard", "custom")


def parse(text: str) -> Query:
    """The syntax tree of a query. Raises SoqlError (MALFORMED_QUERY)."""
    if len(text) > _LONGEST:
        raise malformed(f"SOQL statements cannot be longer than {_LONGEST} characters.", None)
    parser = _Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


class _Parser(ExpressionParser):
    def query(self) -> Query:
        """SELECT ... FROM ... and the clauses after it, in their order."""
        self.expect("select")
        self.aliases.append(self.look_for_aliases())
        selected = self._selected()
        self.expect("from")
        source, self.aliases[-1] = self.sources()
        scope = self._scope()
        where = self.condition() if self.accept("where") else None
        if self.accept("with"):
            self.expect("security_enforced")
        groups, having = self._groups()
        order = self._order()
        limit = self.whole_number() if self.accept("limit") else None
        offset = self._offset() if self.accept("offset") else 0
        self._purpose()
        self.aliases.pop()
        _check_field_sets(selected, limit, bool(groups))
        return Query(selected, source.text, source.position, scope, where, groups, having, order, limit, offset)

    # SELECT

    def _selected(self) -> tuple[Item, ...]:
        items = [self._item()]
        while self.accept(","):
            items.append(self._item())
        functions = [i.operand for i in items if isinstance(i, Selected) and isinstance(i.operand, Function)]
        lonely = next((function for function in functions if function.argument is None), None)
        if lonely is not None and len(items) > 1:
            raise malformed("COUNT() must be the only element in SELECT", lonely.position)
        return tuple(items)

    def _item(self) -> Item:
        if self.is_next("("):
            self.enter()
            self.take()
            query = self.query()
            self.expect(")")
            self.leave()
            return Children(query)
        if self.is_next("typeof") and self.peek(1).kind == "word" and not self.is_next("from", 1):
            return self._type_of()
        if self.is_next("fields") and self.is_next("(", 1):
            position = self.take().position
            self.take()
            kind = self.peek().text.lower()
            if kind not in _FIELD_SETS:
                raise self.unexpected()
            self.take()
            self.expect(")")
            return AllFields(kind, position)
        operand = self.operand()
        is_count = isinstance(operand, Function) and operand.argument is None
        return Selected(operand, None if is_count else self.alias())

    def _type_of(self) -> TypeOf:
        self.expect("typeof")
        path = self.path()
        branches = []
        while self.accept("when"):
            name = self.name().text
            self.expect("then")
            branches.append((name, self._paths()))
        if not branches:
            raise self.unexpected()
        otherwise = self._paths() if self.accept("else") else ()
        self.expect("end")
        return TypeOf(path, tuple(branches), otherwise)

    def _paths(self) -> tuple[Path, ...]:
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        return tuple(paths)

    # The clauses after FROM

    def _scope(self) -> str | None:
        if not self.accept("using"):
            return None
        self.expect("scope")
        return self.name().text.lower()

    def _groups(self) -> tuple[tuple[Operand, ...], Condition | None]:
        if not self.accept("group"):
            return (), None
        self.expect("by")
        operands = [self.operand()]
        while self.accept(","):
            operands.append(self.operand())
        return tuple(operands), self.condition() if self.accept("having") else None

    def _order(self) -> tuple[Order, ...]:
        if not self.accept("order"):
            return ()
        self.expect("by")
        columns = [self._column()]
        while self.accept(","):
            columns.append(self._column())
        return tuple(columns)

    def _column(self) -> Order:
        operand = self.operand()
        descending = self.accept("desc")
        if not descending:
            self.accept("asc")
        nulls_last = False
        if self.accept("nulls"):
            nulls_last = self.accept("last")
            if not nulls_last:
                self.expect("first")
        return Order(operand, descending, nulls_last)

    def _offset(self) -> int:
        position = self.peek().position
        offset = self.whole_number()
        if offset > _MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {_MAX_OFFSET}"
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", message, position)
        return offset

    def _purpose(self) -> None:
        """FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE TRACKING and UPDATE VIEWSTAT have no effect here."""
        while self.accept("for"):
            if not any(self.accept(word) for word in ("view", "reference", "update")):
                raise self.unexpected()
        more = self.accept("update")
        while more:
            if not any(self.accept(word) for word in ("tracking", "viewstat")):
                raise self.unexpected()
            more = self.accept(",")
        if self.is_next("all") and self.is_next("rows", 1):
            raise malformed("ALL ROWS not allowed in this context", None)


def _check_field_sets(selected: tuple[Item, ...], limit: int | None, grouped: bool) -> None:
    sets = [item for item in selected if isinstance(item, AllFields)]
    if sets and grouped:
        raise malformed("The SOQL FIELDS function is not supported with GROUP BY", sets[0].position)
    unbounded = any(item.kind != "standard" for item in sets)
    if unbounded and (limit is None or limit > _MAX_UNBOUNDED):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_MAX_UNBOUNDED}", None)
