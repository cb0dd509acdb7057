"""Which records left the mapping's filter after a plan was made: they are neither written nor passed on.

Not here: the conditions (plan/records/filters.py), reading the records again (rereading.py, relations/relating.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Act, SourceRecord, System
from crm_pipeline.plan.records import filters
from crm_pipeline.plan.undo.take_back import REDO, UNDO
from crm_pipeline.push.operation import Op

WHY = "a filter leaves the record out since the plan was made"


@dataclass(frozen=True)
class Leaving:
    """`linked`: golden id -> the Salesforce objects of its records, which a filter may ask for."""

    settings: Settings
    linked: Mapping[str, Collection[str]]

    def asked(self, op: Op, system: System, object_: str) -> frozenset[str]:
        """The fields that the filters of an operation's kind test in an object; what takes something back asks none."""
        if _takes_back(op):
            return frozenset()
        return filters.tested(self.settings.mapping.of_golden(op.golden_id), system, object_)

    def left(self, op: Op, record: SourceRecord) -> bool:
        """Whether a filter leaves a record out by now, so that it is neither source nor target. What takes something
        back does not ask the filter, and neither did its plan."""
        if _takes_back(op):
            return False
        made = {op.object} if op.operation is Act.CREATE and op.system is System.SALESFORCE else ()
        objects = made or self.linked.get(op.golden_id, ())
        return filters.surely_outside(self.settings.mapping.of_golden(op.golden_id), record, objects)


def _takes_back(op: Op) -> bool:
    return op.rule in (UNDO, REDO) or op.operation is Act.UNLINK_RESTORE
