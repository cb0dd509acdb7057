"""From which posterior on the pairs of a file are linked, so that of all links together hardly any is wrong.

Pure. A CRM's pair has to be sure by itself, as a link writes into both sides. A link of a file writes nothing: what
counts there is how many of all its links are right. Belongs here: that threshold. Not here: which kinds of evidence a
link needs (file_tier.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crm_pipeline.config.settings import MatchSettings


def settings_of_file(posterior: NDArray[np.float64], settings: MatchSettings) -> MatchSettings:
    """The settings with the threshold of this file. `posterior`: of all pairs whose evidence allows a link.

    So many of the likeliest pairs are linked that of all of them `settings.auto` are expected to be right; none below
    `settings.recommended`, and at least those that are sure by themselves.
    """
    likely = np.sort(posterior[posterior >= settings.recommended])[::-1]
    if not len(likely):
        return settings
    right = np.cumsum(likely) / np.arange(1, len(likely) + 1)
    last_of_equals = np.append(likely[1:] != likely[:-1], True)
    found = likely[last_of_equals & (right >= settings.auto)]
    return settings.model_copy(update={"auto": min(settings.auto, float(found.min(initial=1.0)))})
