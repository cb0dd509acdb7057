"""SOQL: tokens -> syntax tree -> functions over rows and groups of rows.

reader, expressions and parser make the tree (syntax.py); fields, functions, comparisons, conditions and grouping give
it a meaning; selection and rendering make the answer; query.py runs the steps in their order. Not supported, and
refused with MALFORMED_QUERY: GROUP BY ROLLUP and CUBE, DISTANCE and GEOLOCATION, WITH DATA CATEGORY, currency
literals, convertCurrency().
"""

from crm_pipeline.emulator.salesforce.soql.query import Result, run

__all__ = ["Result", "run"]
