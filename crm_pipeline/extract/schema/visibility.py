"""What the credentials may not see is reported and kept as it was, unless the sync needs it.

Belongs here: telling a missing permission from other refusals. Not here: what is done about it.
"""

from __future__ import annotations

from crm_pipeline.errors import DailyLimitError, PermanentError


def may_not_see(error: PermanentError) -> bool:
    """Whether a CRM refused because a thing does not exist for these credentials: no scope, no permission."""
    return not isinstance(error, DailyLimitError) and (error.status in (403, 404) or error.code == "INVALID_TYPE")
