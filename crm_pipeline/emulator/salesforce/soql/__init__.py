"""A subset of SOQL: tokens -> syntax tree -> functions over rows.

Supported: SELECT of fields, parent fields, COUNT() and COUNT(field); WHERE with AND, OR, NOT,
parentheses, comparisons, LIKE, IN, NOT IN, semi-joins, date literals; ORDER BY, LIMIT, OFFSET.
Everything else is refused with MALFORMED_QUERY.
"""

from crm_pipeline.emulator.salesforce.soql.query import Result, run

__all__ = ["Result", "run"]
